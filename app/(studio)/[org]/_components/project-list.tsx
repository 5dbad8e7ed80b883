'use client';

import { useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import { usePages } from '@/app/_live/use-pages';
import type { ProjectOrder, ProjectPage, ProjectSummary } from '@/lib/projects/schemas';
import { ProjectFilters, type StatusFilter } from './project-filters';
import { ProjectTable } from './project-table';

interface ProjectListProps {
  organization: { id: string; slug: string };
  /** The first page without a filter, as the text that the database wrote: React would walk through every value twice. */
  first: string;
  /** What an organization without projects shows; null when it has some. */
  empty: ReactNode;
}

export function ProjectList({ organization, first, empty }: ProjectListProps) {
  const [words, setWords] = useState('');
  const [status, setStatus] = useState<StatusFilter>('');
  const [sort, setSort] = useState<ProjectOrder>('-created_at');
  const firstPage = useMemo(() => readPage(first), [first]);
  const asked = useDeferredValue(words.trim());
  const filtered = asked !== '' || status !== '';
  const sorted = sort !== '-created_at';
  const query = new URLSearchParams({ organization_id: organization.id, ...(asked === '' ? {} : { q: asked }), ...(status === '' ? {} : { status }), ...(sorted ? { sort } : {}) });
  const projects = usePages<ProjectSummary>({ path: `/projects?${query}`, first: filtered || sorted ? undefined : firstPage });
  if (empty !== null && projects.rows.length === 0 && !filtered && words === '') return empty;
  return (
    <>
      <ProjectFilters words={words} onWords={setWords} status={status} onStatus={setStatus} />
      <ProjectTable slug={organization.slug} projects={projects} sort={sort} onSort={setSort} />
    </>
  );
}

function readPage(text: string): ProjectPage {
  const page: ProjectPage = JSON.parse(text);
  return page;
}
