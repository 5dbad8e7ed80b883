import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { pageOrganization } from '@/lib/http/page-context';
import type { ProjectStatus } from '@/lib/projects/states';
import { RestoreBanner } from './_components/on-demand';
import { ProjectWatch } from './_components/project-watch';

const outOfService: ReadonlySet<ProjectStatus> = new Set(['deleting', 'deleted', 'restoring', 'purging', 'purged']);

export default async function ProjectLayout({ children, params }: { children: ReactNode; params: Promise<{ org: string; project: string }> }) {
  const { org, project: projectId } = await params;
  const [organization, project] = await Promise.all([pageOrganization(org), orRefuse(pageProject(projectId))]);
  // The address names both; a project of another organization is not at this address.
  if (project.organization_id !== organization.id) notFound();
  const { id, name, status, restorable_until } = project;
  return (
    <>
      <ProjectWatch projectId={id} status={status} />
      {outOfService.has(status) && <RestoreBanner project={{ id, name, status, restorable_until }} mayRestore={project.rights['project:delete']} />}
      {children}
    </>
  );
}
