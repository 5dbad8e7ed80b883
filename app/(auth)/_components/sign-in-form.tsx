'use client';

import { useState } from 'react';
import { emailRule, requiredRule } from '@/app/_forms/rules';
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
  const form = useApiForm({
    fields: {
      email: { label: 'E-mail address', start: email, rule: emailRule },
      password: { label: 'Password', rule: requiredRule('Type your password.') },
    },
    send: async (values) => {
      setUnconfirmed(null);
      try {
        await apiPost('/auth/login', values, null);
      } catch (error) {
        // Only an account whose address is not confirmed yet is forbidden to sign in.
        if (error instanceof ApiProblem && error.code === 'forbidden') setUnconfirmed(values.email);
        throw error;
      }
      await onSignedIn();
    },
  });
  return (
    <form {...form.props} className="flex flex-col gap-4">
      <ProblemSummary problem={form.problem} />
      {unconfirmed !== null && <ResendVerification email={unconfirmed} />}
      <TextField type="email" autoComplete="username" autoFocus={email === ''} readOnly={email !== ''} {...form.field('email')} />
      <TextField type="password" autoComplete="current-password" autoFocus={email !== ''} {...form.field('password')} />
      <Button type="submit" kind="primary" busy={form.busy}>
        {submitLabel}
      </Button>
      <TextLink href={paths.forgotPassword} className="self-start text-sm">
        Forgot your password?
      </TextLink>
    </form>
  );
}
