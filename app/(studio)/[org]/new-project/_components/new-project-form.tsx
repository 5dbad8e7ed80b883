'use client';

import { useRouter } from 'next/navigation';
import { frameworkNames } from '@/app/(studio)/_components/frameworks';
import { hostnameRule, nameRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { ButtonLink } from '@/app/_ui/button-link';
import { SelectField, TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import type { ProjectView } from '@/lib/projects/schemas';

export function NewProjectForm({ organizationId, slug }: { organizationId: string; slug: string }) {
  const router = useRouter();
  const form = useApiForm({
    fields: {
      name: { label: 'Name', rule: nameRule('a name', 100) },
      framework: { label: 'Framework', start: 'nextjs' },
      hostname: { label: 'Hostname of the web app', rule: hostnameRule },
    },
    send: async ({ name, framework, hostname }, intent) => {
      const typed = hostname.trim();
      const project = await apiPost<ProjectView>('/projects', { organization_id: organizationId, name, framework, hostname: typed === '' ? null : typed, backend: 'appwrite' }, intent);
      router.push(paths.project(slug, project.id));
    },
  });
  return (
    <form {...form.props} className="flex flex-col gap-5 rounded-card border border-line bg-surface p-5">
      <ProblemSummary problem={form.problem} />
      <TextField autoFocus autoComplete="off" {...form.field('name')} />
      <SelectField help="Decides which snippet is shown first. You can change it at any time." {...form.field('framework')}>
        {Object.entries(frameworkNames).map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        optional
        mono
        autoComplete="off"
        placeholder="app.example.com"
        help="Browsers on this host may talk to the backend. You can add it later."
        {...form.field('hostname')}
      />
      <div className="flex flex-wrap justify-end gap-2">
        <ButtonLink kind="quiet" href={paths.organization(slug)}>
          Cancel
        </ButtonLink>
        <Button type="submit" kind="primary" busy={form.busy}>
          Create project
        </Button>
      </div>
    </form>
  );
}
