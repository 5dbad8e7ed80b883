'use client';

import { useDeferredValue, useState } from 'react';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { ButtonLink } from '@/app/_ui/button-link';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { CodeBlock } from '@/app/_ui/code-block';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import { usePages } from '@/app/_live/use-pages';
import { paths } from '@/lib/paths';
import type { ProjectPage, ProjectSummary } from '@/lib/projects/schemas';
import { ProjectFilters, type StatusFilter } from './project-filters';
import { ProjectTable } from './project-table';

interface ProjectsViewProps {
  organization: { id: string; slug: string };
  mayCreate: boolean;
  /** The first page without a filter, as the server read it. */
  first: ProjectPage;
}

export function ProjectsView({ organization, mayCreate, first }: ProjectsViewProps) {
  const [words, setWords] = useState('');
  const [status, setStatus] = useState<StatusFilter>('');
  const asked = useDeferredValue(words.trim());
  const filtered = asked !== '' || status !== '';
  const query = new URLSearchParams({ organization_id: organization.id, ...(asked === '' ? {} : { q: asked }), ...(status === '' ? {} : { status }) });
  const projects = usePages<ProjectSummary>({ path: `/projects?${query}`, first: filtered ? undefined : first });
  const create = mayCreate ? (
    <ButtonLink kind="primary" href={paths.newProject(organization.slug)} icon={<Icon name="plus" />}>
      Create project
    </ButtonLink>
  ) : (
    <AllowedButton reason={missingRight('project:create')} kind="primary" icon={<Icon name="plus" />} onClick={() => undefined}>
      Create project
    </AllowedButton>
  );
  return (
    <PageBody>
      <PageHeader title="Projects" description="Each has a backend of its own: database, files, users and keys." actions={create} />
      {projects.rows.length === 0 && !filtered && !projects.loading ? (
        <EmptyState
          icon={<Icon name="boxes" className="size-5" />}
          title="No projects yet"
          action={create}
          command={<CodeBlock label="API call" caption="The same with an API key" code={curlFor(organization.id)} />}
        >
          A project is ready in seconds: you watch it being set up, then copy three variables into your app.
        </EmptyState>
      ) : (
        <>
          <ProjectFilters words={words} onWords={setWords} status={status} onStatus={setStatus} />
          <ProjectTable slug={organization.slug} projects={projects} />
        </>
      )}
    </PageBody>
  );
}

function curlFor(organizationId: string): string {
  return `curl -X POST "$STUDIO_URL/api/v1/projects" \\
  -H "Authorization: Bearer $STUDIO_TOKEN" -H "Content-Type: application/json" \\
  -d '{"organization_id":"${organizationId}","name":"My first project"}'`;
}
