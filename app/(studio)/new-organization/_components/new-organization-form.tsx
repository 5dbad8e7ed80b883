'use client';

import { useRouter } from 'next/navigation';
import { nameRule, slugRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { paths } from '@/lib/paths';

export function NewOrganizationForm() {
  const router = useRouter();
  const { form, problem, busy, onSubmit, errorOf } = useApiForm({
    defaults: { name: '', slug: '' },
    labels: { name: 'Name', slug: 'Address' },
    send: async ({ name, slug }, intent) => {
      const made = await apiPost<OrganizationView>('/organizations', { name, ...(slug === '' ? {} : { slug }) }, intent);
      router.push(paths.organization(made.slug));
      router.refresh();
    },
  });
  return (
    <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-5 rounded-card border border-line bg-surface p-5">
      <ProblemSummary problem={problem} />
      <TextField label="Name" autoFocus autoComplete="organization" placeholder="Acme" error={errorOf('name')} {...form.register('name', nameRule('a name', 60))} />
      <TextField label="Address" optional mono autoComplete="off" placeholder="acme" help="The part of the URL. Left empty, it is made from the name." error={errorOf('slug')} {...form.register('slug', slugRule)} />
      <div className="flex justify-end">
        <Button type="submit" kind="primary" busy={busy}>
          Create organization
        </Button>
      </div>
    </form>
  );
}
