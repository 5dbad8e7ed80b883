'use client';

import { useRouter } from 'next/navigation';
import { nameRule } from '@/app/_forms/rules';
import { SubmitRow } from '@/app/_forms/submit-row';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Card } from '@/app/_ui/card';
import { TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPatch } from '@/lib/http/client';
import type { UserView } from '@/lib/identity/user/schemas';

export function ProfileForm({ profile }: { profile: UserView }) {
  const router = useRouter();
  const { form, problem, busy, onSubmit, errorOf } = useApiForm({
    defaults: { first_name: profile.first_name, last_name: profile.last_name },
    labels: { first_name: 'First name', last_name: 'Last name' },
    guardLeaving: true,
    send: async (values) => {
      const saved = await apiPatch<UserView>('/users/profile', values);
      form.reset({ first_name: saved.first_name, last_name: saved.last_name });
      notify('success', { title: 'Profile saved' });
      router.refresh();
    },
  });
  return (
    <Card title="Name">
      <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-5">
        <ProblemSummary problem={problem} />
        <div className="grid gap-5 sm:grid-cols-2">
          <TextField label="First name" autoComplete="given-name" error={errorOf('first_name')} {...form.register('first_name', nameRule('your first name', 100))} />
          <TextField label="Last name" autoComplete="family-name" error={errorOf('last_name')} {...form.register('last_name', nameRule('your last name', 100))} />
        </div>
        <TextField label="E-mail address" type="email" readOnly value={profile.email} help="Confirmed. You sign in with it." />
        <SubmitRow busy={busy} dirty={form.formState.isDirty} onReset={() => form.reset()} />
      </form>
    </Card>
  );
}
