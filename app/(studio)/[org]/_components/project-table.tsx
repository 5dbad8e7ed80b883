'use client';

import { frameworkNames } from '@/app/(studio)/_components/frameworks';
import { ProjectStatus } from '@/app/(studio)/_components/project-status';
import { Link } from '@/app/_ui/link';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { RelativeTime } from '@/app/_ui/relative-time';
import { MoreRows } from '@/app/_ui/more-rows';
import { SortCell } from '@/app/_ui/sort';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { shownProblem } from '@/app/_forms/problem';
import type { Pages } from '@/app/_live/use-pages';
import { paths } from '@/lib/paths';
import type { ProjectOrder, ProjectSummary } from '@/lib/projects/schemas';

interface ProjectTableProps {
  slug: string;
  projects: Pages<ProjectSummary>;
  sort: ProjectOrder;
  onSort: (sort: ProjectOrder) => void;
}

export function ProjectTable({ slug, projects, sort, onSort }: ProjectTableProps) {
  if (projects.error !== null) return <ProblemSummary problem={shownProblem(projects.error)} />;
  if (projects.rows.length === 0) return <p className="rounded-card border border-dashed border-line px-4 py-10 text-center text-muted">{projects.loading ? 'Looking…' : 'No project is here.'}</p>;
  return (
    <>
      <Table label="Projects">
        <HeadRow>
          <SortCell field="name" sort={sort} onSort={onSort}>
            Name
          </SortCell>
          <HeadCell>Status</HeadCell>
          <HeadCell className="hidden @lg:table-cell">Framework</HeadCell>
          <HeadCell className="hidden @2xl:table-cell">Id</HeadCell>
          <SortCell field="created_at" sort={sort} onSort={onSort} align="end" className="hidden @lg:table-cell">
            Created
          </SortCell>
        </HeadRow>
        <tbody>
          {projects.rows.map((project) => (
            <tr key={project.id}>
              <td className="max-w-0 min-w-40 @lg:w-2/5">
                <Link href={paths.project(slug, project.id)} className="block truncate font-medium hover:underline">
                  {project.name}
                </Link>
                <RelativeTime at={project.created_at} className="block truncate text-sm text-muted @lg:hidden" />
              </td>
              <td className="whitespace-nowrap">
                <ProjectStatus status={project.status} unhealthy={project.unhealthy_since !== null} />
              </td>
              <td className="hidden whitespace-nowrap text-muted @lg:table-cell">{frameworkNames[project.framework]}</td>
              <td className="hidden max-w-44 truncate font-mono text-xs text-muted @2xl:table-cell">{project.id}</td>
              <td className="hidden text-right whitespace-nowrap text-muted @lg:table-cell">
                <RelativeTime at={project.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      <MoreRows more={projects.more} busy={projects.loading} onMore={projects.loadMore} />
    </>
  );
}
