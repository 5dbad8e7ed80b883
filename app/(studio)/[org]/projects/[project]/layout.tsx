import type { ReactNode } from 'react';
import { pageOrganization } from '@/lib/http/page-context';
import { notFound } from 'next/navigation';
import { orRefuse, pageProject } from '../../../_read';
import { ProjectWatch } from './_components/project-watch';
import { RestoreBanner } from './_components/restore-banner';

export default async function ProjectLayout({ children, params }: { children: ReactNode; params: Promise<{ org: string; project: string }> }) {
  const { org, project: projectId } = await params;
  const [organization, project] = await Promise.all([pageOrganization(org), orRefuse(pageProject(projectId))]);
  // The address names both; a project of another organization is not at this address.
  if (project.organization_id !== organization.id) notFound();
  return (
    <>
      <ProjectWatch projectId={project.id} status={project.status} />
      <RestoreBanner project={{ id: project.id, name: project.name, status: project.status, restorable_until: project.restorable_until }} mayRestore={project.rights['project:delete']} />
      {children}
    </>
  );
}
