'use client';

import { useState } from 'react';
import { newPasswordRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { useFragmentToken } from '@/app/_forms/use-fragment-token';
import { Button } from '@/app/_ui/button';
import { ButtonLink } from '@/app/_ui/button-link';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import { AuthHeader } from '../../_components/auth-header';
import { IncompleteLink } from '../../_components/incomplete-link';

export function ResetPassword() {
  const token = useFragmentToken();
  const [done, setDone] = useState(false);
  const form = useApiForm({
    fields: { password: { label: 'New password', rule: newPasswordRule } },
    send: async ({ password }) => {
      await apiPost('/auth/reset-password', { token, password }, null);
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
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField type="password" autoComplete="new-password" autoFocus help="At least 10 characters." {...form.field('password')} />
        <Button type="submit" kind="primary" busy={form.busy}>
          Change password
        </Button>
      </form>
    </>
  );
}
