'use client';

import { useState } from 'react';
import { AuthHeader } from '../../_components/auth-header';
import { CheckMail } from '../../_components/check-mail';
import { RegisterForm } from '../../_components/register-form';

export function SignUp() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null) return <CheckMail email={sentTo} />;
  return (
    <>
      <AuthHeader title="Create an account">You confirm your address by e-mail, then create your first project.</AuthHeader>
      <RegisterForm onSent={setSentTo} />
    </>
  );
}
