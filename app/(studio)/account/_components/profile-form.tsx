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
  const form = useApiForm({
    fields: {
      first_name: { label: 'First name', start: profile.first_name, rule: nameRule('your first name', 100) },
      last_name: { label: 'Last name', start: profile.last_name, rule: nameRule('your last name', 100) },
    },
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
      <form {...form.props} className="flex flex-col gap-5">
        <ProblemSummary problem={form.problem} />
        <div className="grid gap-5 sm:grid-cols-2">
          <TextField autoComplete="given-name" {...form.field('first_name')} />
          <TextField autoComplete="family-name" {...form.field('last_name')} />
        </div>
        <TextField label="E-mail address" type="email" readOnly value={profile.email} help="Confirmed. You sign in with it." />
        <SubmitRow busy={form.busy} dirty={form.dirty} onReset={() => form.reset()} />
      </form>
    </Card>
  );
}
