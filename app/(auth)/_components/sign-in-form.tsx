'use client';

import { useState } from 'react';
import { emailRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { TextLink } from '@/app/_ui/text-link';
import { ApiProblem, apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import { ResendVerification } from './resend-verification';

interface SignInFormProps {
  /** Fixed when an invitation was sent to it. */
  email?: string;
  submitLabel?: string;
  onSignedIn: () => Promise<void> | void;
}

export function SignInForm({ email = '', submitLabel = 'Sign in', onSignedIn }: SignInFormProps) {
  const [unconfirmed, setUnconfirmed] = useState<string | null>(null);
  const { form, problem, busy, onSubmit, errorOf } = useApiForm({
    defaults: { email, password: '' },
    labels: { email: 'E-mail address', password: 'Password' },
    send: async (values) => {
      setUnconfirmed(null);
      try {
        await apiPost('/auth/login', values);
      } catch (error) {
        // Only an account whose address is not confirmed yet is forbidden to sign in.
        if (error instanceof ApiProblem && error.code === 'forbidden') setUnconfirmed(values.email);
        throw error;
      }
      await onSignedIn();
    },
  });
  return (
    <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
      <ProblemSummary problem={problem} />
      {unconfirmed !== null && <ResendVerification email={unconfirmed} />}
      <TextField label="E-mail address" type="email" autoComplete="username" autoFocus={email === ''} readOnly={email !== ''} error={errorOf('email')} {...form.register('email', emailRule)} />
      <TextField label="Password" type="password" autoComplete="current-password" autoFocus={email !== ''} error={errorOf('password')} {...form.register('password', { required: 'Type your password.' })} />
      <Button type="submit" kind="primary" busy={busy}>
        {submitLabel}
      </Button>
      <TextLink href={paths.forgotPassword} className="self-start text-sm">
        Forgot your password?
      </TextLink>
    </form>
  );
}
