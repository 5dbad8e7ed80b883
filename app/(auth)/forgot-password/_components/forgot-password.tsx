'use client';

import { useState } from 'react';
import { emailRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import { AuthHeader } from '../../_components/auth-header';

export function ForgotPassword() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useApiForm({
    fields: { email: { label: 'E-mail address', rule: emailRule } },
    send: async (values) => {
      await apiPost('/auth/forgot-password', values, null);
      setSentTo(values.email);
    },
  });
  if (sentTo !== null) {
    return (
      <div role="status">
        <AuthHeader title="Check your mail">If there is an account for {sentTo}, a letter with a link to a new password is on its way.</AuthHeader>
      </div>
    );
  }
  return (
    <>
      <AuthHeader title="Reset your password">We send a link to your address. Your password stays as it is until you use the link.</AuthHeader>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField type="email" autoComplete="username" autoFocus {...form.field('email')} />
        <Button type="submit" kind="primary" busy={form.busy}>
          Send the link
        </Button>
      </form>
    </>
  );
}
