import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { pageContext } from '@/lib/http/page-context';
import { DeploymentDetails } from './_components/deployment-details';

export const metadata: Metadata = { title: 'Deployment' };

export default async function DeploymentPage({ params }: { params: Promise<{ org: string; project: string; deployment: string }> }) {
  const { org, project: projectId, deployment } = await params;
  const project = await orRefuse(pageProject(projectId));
  // A deleted project shows what becomes of it, not what ran for it.
  if (project.status === 'purged') notFound();
  const start = await orRefuse(getDeployment(await pageContext(), project.id, deployment));
  return <DeploymentDetails slug={org} projectId={project.id} start={start} mayDeploy={project.rights['deployment:write']} />;
}
