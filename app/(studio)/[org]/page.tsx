import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { paths } from '@/lib/paths';
import { listProjects } from '@/lib/projects/list-projects';
import { orRefuse } from '../_read';
import { ProjectsView } from './_components/projects-view';

export const metadata: Metadata = { title: 'Projects' };

export default async function ProjectsPage({ params }: { params: Promise<{ org: string }> }) {
  const organization = await pageOrganization((await params).org);
  // Who keeps the books starts at the books.
  if (!organization.rights['project:read'] && organization.rights['billing:read']) redirect(paths.usage(organization.slug));
  const first = await orRefuse(listProjects(await pageContext(), { organization_id: organization.id }));
  return <ProjectsView organization={{ id: organization.id, slug: organization.slug }} mayCreate={organization.rights['project:create']} first={first} />;
}
