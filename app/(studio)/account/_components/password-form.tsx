'use client';

import { newPasswordRule } from '@/app/_forms/rules';
import { SubmitRow } from '@/app/_forms/submit-row';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Card } from '@/app/_ui/card';
import { TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';

export function PasswordForm({ email }: { email: string }) {
  const { form, problem, busy, onSubmit, errorOf } = useApiForm({
    defaults: { current_password: '', new_password: '' },
    labels: { current_password: 'Current password', new_password: 'New password' },
    send: async (values) => {
      await apiPost('/users/change-password', values, null);
      form.reset();
      notify('success', { title: 'Password changed', description: 'Every other session was signed out.' });
    },
  });
  return (
    <Card title="Password" description="Changing it signs out every other session.">
      <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-5">
        <ProblemSummary problem={problem} />
        {/* Password managers need to know whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <TextField label="Current password" type="password" autoComplete="current-password" error={errorOf('current_password')} {...form.register('current_password', { required: 'Type your current password.' })} />
        <TextField label="New password" type="password" autoComplete="new-password" help="At least 10 characters." error={errorOf('new_password')} {...form.register('new_password', newPasswordRule)} />
        <SubmitRow busy={busy} dirty={form.formState.isDirty} label="Change password" onReset={() => form.reset()} />
      </form>
    </Card>
  );
}
