import type { Metadata } from 'next';
import { TextLink } from '@/app/_ui/text-link';
import { paths } from '@/lib/paths';
import { SignUp } from './_components/sign-up';

export const metadata: Metadata = { title: 'Create an account' };

export default function SignUpPage() {
  return (
    <>
      <SignUp />
      <p className="text-muted">
        Have an account? <TextLink href={paths.signIn}>Sign in</TextLink>
      </p>
    </>
  );
}
