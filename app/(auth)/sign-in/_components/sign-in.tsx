'use client';

import { SignInForm } from '../../_components/sign-in-form';

export function SignIn({ next }: { next: string }) {
  // A whole page load, so that nothing of an earlier visitor stays in memory.
  return <SignInForm onSignedIn={() => window.location.assign(next)} />;
}
