import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { ButtonLink } from '@/app/_ui/button-link';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { paths } from '@/lib/paths';
import { isEmptyPage, listProjectsText } from '@/lib/projects/list-projects';
import { orRefuse } from '../_read';
import { NoProjects } from './_components/no-projects';
import { ProjectList } from './_components/project-list';

export const metadata: Metadata = { title: 'Projects' };

export default async function ProjectsPage({ params }: { params: Promise<{ org: string }> }) {
  const organization = await pageOrganization((await params).org);
  // Who keeps the books starts at the books.
  if (!organization.rights['project:read'] && organization.rights['billing:read']) redirect(paths.usage(organization.slug));
  const first = await orRefuse(listProjectsText(await pageContext(), { organization_id: organization.id }));
  const create = organization.rights['project:create'] ? (
    <ButtonLink kind="primary" href={paths.newProject(organization.slug)} icon={<Icon name="plus" />}>
      Create project
    </ButtonLink>
  ) : (
    <AllowedButton reason={missingRight('project:create')} kind="primary" icon={<Icon name="plus" />}>
      Create project
    </AllowedButton>
  );
  return (
    <PageBody>
      <PageHeader title="Projects" description="Each has a backend of its own: database, files, users and keys." actions={create} />
      <ProjectList
        organization={{ id: organization.id, slug: organization.slug }}
        first={first}
        empty={isEmptyPage(first) ? <NoProjects organizationId={organization.id} action={create} /> : null}
      />
    </PageBody>
  );
}
