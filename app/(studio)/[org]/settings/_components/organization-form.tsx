'use client';

import { useRouter } from 'next/navigation';
import { nameRule, slugRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { missingRight } from '@/app/_shell/navigation';
import { Card } from '@/app/_ui/card';
import { SubmitRow } from '@/app/_forms/submit-row';
import { TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPatch } from '@/lib/http/client';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { paths } from '@/lib/paths';

interface OrganizationFormProps {
  organization: Pick<OrganizationView, 'id' | 'name' | 'slug' | 'subdomain'>;
  mayUpdate: boolean;
}

export function OrganizationForm({ organization, mayUpdate }: OrganizationFormProps) {
  const router = useRouter();
  const form = useApiForm({
    fields: {
      name: { label: 'Name', start: organization.name, rule: nameRule('a name', 60) },
      slug: { label: 'Address', start: organization.slug, rule: (text) => (text === '' ? 'Type an address.' : slugRule(text)) },
      subdomain: { label: 'Subdomain', start: organization.subdomain ?? '', rule: slugRule },
    },
    guardLeaving: true,
    send: async ({ name, slug, subdomain }) => {
      const saved = await apiPatch<OrganizationView>(`/organizations/${organization.id}`, { name, slug, subdomain: subdomain === '' ? null : subdomain });
      form.reset({ name: saved.name, slug: saved.slug, subdomain: saved.subdomain ?? '' });
      notify('success', { title: 'Settings saved' });
      if (saved.slug !== organization.slug) router.replace(paths.organizationSettings(saved.slug));
      router.refresh();
    },
  });
  return (
    <Card title="General">
      <form {...form.props} className="flex flex-col gap-5">
        <ProblemSummary problem={form.problem} />
        <TextField autoComplete="off" readOnly={!mayUpdate} {...form.field('name')} />
        <TextField mono autoComplete="off" readOnly={!mayUpdate} help="The part of the URL. Links to the old address stop working." {...form.field('slug')} />
        <TextField optional mono autoComplete="off" readOnly={!mayUpdate} help="Kept for you. Nothing is served on it yet." {...form.field('subdomain')} />
        <SubmitRow busy={form.busy} dirty={form.dirty} reason={mayUpdate ? undefined : missingRight('organization:update')} onReset={() => form.reset()} />
      </form>
    </Card>
  );
}
