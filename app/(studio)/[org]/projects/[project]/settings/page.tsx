import type { Metadata } from 'next';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { Card, PageBody, PageHeader } from '@/app/_ui/card';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { listPlatforms } from '@/lib/projects/platform/list-platforms';
import { DeleteProject } from './_components/delete-project';
import { PlatformsCard } from './_components/on-demand';
import { ProjectForm } from './_components/project-form';

export const metadata: Metadata = { title: 'Project settings' };

export default async function ProjectSettingsPage({ params }: { params: Promise<{ org: string; project: string }> }) {
  const { org, project: projectId } = await params;
  const [ctx, organization, project] = await Promise.all([pageContext(), pageOrganization(org), orRefuse(pageProject(projectId))]);
  const deletable = project.status === 'ready' || project.status === 'stuck' || project.status === 'failed';
  return (
    <PageBody width="form">
      <PageHeader title="Project settings" description={`Of the project ${project.name}.`} />
      <ProjectForm project={{ id: project.id, name: project.name, framework: project.framework }} mayUpdate={project.rights['project:update']} />
      {project.status === 'ready' && <PlatformsCard projectId={project.id} mayManage={project.rights['platform:manage']} first={{ ...(await orRefuse(listPlatforms(ctx, project.id))), next_cursor: null }} />}
      <Card title="Delete project" description="Its keys go silent at once and the project leaves the lists. For 30 days it can be restored with all its data; then it is removed for good." tone="bad">
        <DeleteProject project={{ id: project.id, name: project.name }} slug={organization.slug} mayDelete={project.rights['project:delete']} deletable={deletable} />
      </Card>
    </PageBody>
  );
}
