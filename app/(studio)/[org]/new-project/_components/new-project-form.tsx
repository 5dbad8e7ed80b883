'use client';

import { useRouter } from 'next/navigation';
import { frameworkNames, type Framework } from '@/app/(studio)/_components/frameworks';
import { nameRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button, ButtonLink } from '@/app/_ui/button';
import { SelectField, TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';
import type { ProjectView } from '@/lib/projects/schemas';

interface Values {
  name: string;
  framework: Framework;
  hostname: string;
}

export function NewProjectForm({ organizationId, slug }: { organizationId: string; slug: string }) {
  const router = useRouter();
  const { form, problem, busy, onSubmit, errorOf } = useApiForm<Values>({
    defaults: { name: '', framework: 'nextjs', hostname: '' },
    labels: { name: 'Name', framework: 'Framework', hostname: 'Hostname of the web app' },
    send: async ({ name, framework, hostname }, intent) => {
      const typed = hostname.trim();
      const project = await apiPost<ProjectView>('/projects', { organization_id: organizationId, name, framework, hostname: typed === '' ? null : typed, backend: 'appwrite' }, intent);
      router.push(paths.project(slug, project.id));
    },
  });
  return (
    <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-5 rounded-card border border-line bg-surface p-5">
      <ProblemSummary problem={problem} />
      <TextField label="Name" autoFocus autoComplete="off" error={errorOf('name')} {...form.register('name', nameRule('a name', 100))} />
      <SelectField label="Framework" help="Decides which snippet is shown first. You can change it at any time." error={errorOf('framework')} {...form.register('framework')}>
        {Object.entries(frameworkNames).map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Hostname of the web app"
        optional
        mono
        autoComplete="off"
        placeholder="app.example.com"
        help="Browsers on this host may talk to the backend. You can add it later."
        error={errorOf('hostname')}
        {...form.register('hostname', { maxLength: { value: 253, message: 'A hostname has at most 253 characters.' } })}
      />
      <div className="flex flex-wrap justify-end gap-2">
        <ButtonLink kind="quiet" href={paths.organization(slug)}>
          Cancel
        </ButtonLink>
        <Button type="submit" kind="primary" busy={busy}>
          Create project
        </Button>
      </div>
    </form>
  );
}
