import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { getRailway } from '@/lib/deployments/connection/get-railway';
import { getHook } from '@/lib/deployments/hook/get-hook';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { getService } from '@/lib/deployments/service/get-service';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { environmentName, environmentNames } from '@/lib/projects/env/schemas';
import { listEnvironments } from '@/lib/projects/environment/list-environments';
import { NotReady } from '../_components/not-ready';
import { DeploymentsView } from './_components/deployments-view';

export const metadata: Metadata = { title: 'Deployments' };

interface DeploymentsPageProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<{ environment?: string | string[]; deploy?: string | string[] }>;
}

export default async function DeploymentsPage({ params, searchParams }: DeploymentsPageProps) {
  const { org, project: projectId } = await params;
  const [organization, project, asked] = await Promise.all([pageOrganization(org), orRefuse(pageProject(projectId)), searchParams]);
  if (project.status !== 'ready') return <NotReady title="Deployments" what="Its deployments" status={project.status} />;
  const environment = environmentName.safeParse(asked.environment ?? 'production').data;
  if (environment === undefined) notFound();
  const ctx = await pageContext();
  const [railway, service, hook, first, environments] = await orRefuse(
    Promise.all([
      getRailway(ctx, organization.id),
      getService(ctx, project.id, { environment }),
      getHook(ctx, project.id),
      listDeployments(ctx, project.id, { environment }),
      project.rights['env:read'] ? listEnvironments(ctx, project.id) : null,
    ]),
  );
  // Which ones have variables is not for everybody to see; an app that is not there is said to be missing.
  const present = environments === null ? environmentNames : environments.data.map(({ name }) => name);
  const deployAtOnce = asked.deploy !== undefined;
  return (
    <DeploymentsView
      key={`${environment} ${deployAtOnce}`}
      organization={{ id: organization.id, slug: organization.slug }}
      project={{ id: project.id, name: project.name }}
      environment={environment}
      environments={present}
      railway={railway}
      service={service}
      hook={hook}
      first={first}
      mayDeploy={project.rights['deployment:write']}
      mayManageRailway={project.rights['railway:manage']}
      mayReadEnv={project.rights['env:read']}
      deployAtOnce={deployAtOnce}
    />
  );
}
