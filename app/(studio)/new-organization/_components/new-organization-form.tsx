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
  const form = useApiForm({
    fields: {
      name: { label: 'Name', rule: nameRule('a name', 60) },
      slug: { label: 'Address', rule: slugRule },
    },
    send: async ({ name, slug }, intent) => {
      const made = await apiPost<OrganizationView>('/organizations', { name, ...(slug === '' ? {} : { slug }) }, intent);
      router.push(paths.organization(made.slug));
      router.refresh();
    },
  });
  return (
    <form {...form.props} className="flex flex-col gap-5 rounded-card border border-line bg-surface p-5">
      <ProblemSummary problem={form.problem} />
      <TextField autoFocus autoComplete="organization" placeholder="Acme" {...form.field('name')} />
      <TextField optional mono autoComplete="off" placeholder="acme" help="The part of the URL. Left empty, it is made from the name." {...form.field('slug')} />
      <div className="flex justify-end">
        <Button type="submit" kind="primary" busy={form.busy}>
          Create organization
        </Button>
      </div>
    </form>
  );
}
