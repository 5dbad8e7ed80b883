import type { Metadata } from 'next';
import { safeNextPath } from '@/app/_forms/next-path';
import { TextLink } from '@/app/_ui/text-link';
import { paths } from '@/lib/paths';
import { AuthHeader } from '../_components/auth-header';
import { SignIn } from './_components/sign-in';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const { next } = await searchParams;
  return (
    <>
      <AuthHeader title="Sign in" />
      <SignIn next={safeNextPath(typeof next === 'string' ? next : undefined)} />
      <p className="text-muted">
        New here? <TextLink href={paths.signUp}>Create an account</TextLink>
      </p>
    </>
  );
}
