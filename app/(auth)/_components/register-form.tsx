'use client';

import { emailRule, nameRule, newPasswordRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';

/** `email` is fixed when an invitation was sent to it; its token then confirms the address too. */
export function RegisterForm({ email = '', invitationToken, onSent }: { email?: string; invitationToken?: string; onSent: (email: string) => void }) {
  const form = useApiForm({
    fields: {
      first_name: { label: 'First name', rule: nameRule('your first name', 100) },
      last_name: { label: 'Last name', rule: nameRule('your last name', 100) },
      email: { label: 'E-mail address', start: email, rule: emailRule },
      password: { label: 'Password', rule: newPasswordRule },
    },
    send: async (values) => {
      await apiPost('/auth/register', { ...values, ...(invitationToken === undefined ? {} : { invitation_token: invitationToken }) }, null);
      onSent(values.email);
    },
  });
  return (
    <form {...form.props} className="flex flex-col gap-4">
      <ProblemSummary problem={form.problem} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField autoComplete="given-name" autoFocus {...form.field('first_name')} />
        <TextField autoComplete="family-name" {...form.field('last_name')} />
      </div>
      <TextField type="email" autoComplete="username" readOnly={email !== ''} {...form.field('email')} />
      <TextField type="password" autoComplete="new-password" help="At least 10 characters. A sentence is easy to remember." {...form.field('password')} />
      <Button type="submit" kind="primary" busy={form.busy}>
        Create account
      </Button>
    </form>
  );
}
