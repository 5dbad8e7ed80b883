'use client';

import { emailRule, nameRule, newPasswordRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';

/** `email` is fixed when an invitation was sent to it; its token then confirms the address too. */
export function RegisterForm({ email = '', invitationToken, onSent }: { email?: string; invitationToken?: string; onSent: (email: string) => void }) {
  const { form, problem, busy, onSubmit, errorOf } = useApiForm({
    defaults: { first_name: '', last_name: '', email, password: '' },
    labels: { first_name: 'First name', last_name: 'Last name', email: 'E-mail address', password: 'Password' },
    send: async (values) => {
      await apiPost('/auth/register', { ...values, ...(invitationToken === undefined ? {} : { invitation_token: invitationToken }) });
      onSent(values.email);
    },
  });
  return (
    <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
      <ProblemSummary problem={problem} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="First name" autoComplete="given-name" autoFocus error={errorOf('first_name')} {...form.register('first_name', nameRule('your first name', 100))} />
        <TextField label="Last name" autoComplete="family-name" error={errorOf('last_name')} {...form.register('last_name', nameRule('your last name', 100))} />
      </div>
      <TextField label="E-mail address" type="email" autoComplete="username" readOnly={email !== ''} error={errorOf('email')} {...form.register('email', emailRule)} />
      <TextField label="Password" type="password" autoComplete="new-password" help="At least 10 characters. A sentence is easy to remember." error={errorOf('password')} {...form.register('password', newPasswordRule)} />
      <Button type="submit" kind="primary" busy={busy}>
        Create account
      </Button>
    </form>
  );
}
