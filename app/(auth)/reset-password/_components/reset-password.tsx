'use client';

import { useState } from 'react';
import { newPasswordRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { useFragmentToken } from '@/app/_forms/use-fragment-token';
import { Button, ButtonLink } from '@/app/_ui/button';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import { AuthHeader } from '../../_components/auth-header';
import { IncompleteLink } from '../../_components/incomplete-link';

export function ResetPassword() {
  const token = useFragmentToken();
  const [done, setDone] = useState(false);
  const { form, problem, busy, onSubmit, errorOf } = useApiForm({
    defaults: { password: '' },
    labels: { password: 'New password' },
    send: async ({ password }) => {
      await apiPost('/auth/reset-password', { token, password });
      setDone(true);
    },
  });
  if (token === null) return <IncompleteLink />;
  if (done) {
    return (
      <div role="status" className="flex flex-col items-start gap-6">
        <AuthHeader title="Your password is changed">Every other session was signed out.</AuthHeader>
        <ButtonLink kind="primary" href={paths.signIn}>
          Sign in
        </ButtonLink>
      </div>
    );
  }
  return (
    <>
      <AuthHeader title="Choose a new password">Every session that is open now will be signed out.</AuthHeader>
      <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
        <ProblemSummary problem={problem} />
        <TextField label="New password" type="password" autoComplete="new-password" autoFocus help="At least 10 characters." error={errorOf('password')} {...form.register('password', newPasswordRule)} />
        <Button type="submit" kind="primary" busy={busy}>
          Change password
        </Button>
      </form>
    </>
  );
}
