import type { Metadata } from 'next';
import { TextLink } from '@/app/_ui/text-link';
import { paths } from '@/lib/paths';
import { ForgotPassword } from './_components/forgot-password';

export const metadata: Metadata = { title: 'Reset your password' };

export default function ForgotPasswordPage() {
  return (
    <>
      <ForgotPassword />
      <p className="text-muted">
        Remembered it? <TextLink href={paths.signIn}>Sign in</TextLink>
      </p>
    </>
  );
}
