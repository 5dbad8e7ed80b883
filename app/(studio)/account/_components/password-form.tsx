'use client';

import { newPasswordRule, requiredRule } from '@/app/_forms/rules';
import { SubmitRow } from '@/app/_forms/submit-row';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Card } from '@/app/_ui/card';
import { TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';

export function PasswordForm({ email }: { email: string }) {
  const form = useApiForm({
    fields: {
      current_password: { label: 'Current password', rule: requiredRule('Type your current password.') },
      new_password: { label: 'New password', rule: newPasswordRule },
    },
    send: async (values) => {
      await apiPost('/users/change-password', values, null);
      form.reset();
      notify('success', { title: 'Password changed', description: 'Every other session was signed out.' });
    },
  });
  return (
    <Card title="Password" description="Changing it signs out every other session.">
      <form {...form.props} className="flex flex-col gap-5">
        <ProblemSummary problem={form.problem} />
        {/* Password managers need to know whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <TextField type="password" autoComplete="current-password" {...form.field('current_password')} />
        <TextField type="password" autoComplete="new-password" help="At least 10 characters." {...form.field('new_password')} />
        <SubmitRow busy={form.busy} dirty={form.dirty} label="Change password" onReset={() => form.reset()} />
      </form>
    </Card>
  );
}
