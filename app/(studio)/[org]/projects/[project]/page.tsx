import type { Metadata } from 'next';
import { ProjectStatus } from '@/app/(studio)/_components/project-status';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { Notice } from '@/app/_ui/badge';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { RelativeTime } from '@/app/_ui/relative-time';
import { pageContext } from '@/lib/http/page-context';
import { getEnv } from '@/lib/projects/env/get-env';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { DeployLink } from './_components/deploy-link';
import { ConnectPanel } from './_components/connect-panel';
import { ProvisioningPanel } from './_components/on-demand';
import { ProjectFacts } from './_components/project-facts';

interface Props {
  params: Promise<{ org: string; project: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name } = await orRefuse(pageProject((await params).project));
  return { title: name };
}

export default async function ProjectPage({ params }: Props) {
  const ctx = await pageContext();
  const { org, project: projectId } = await params;
  const project = await orRefuse(pageProject(projectId));
  const settingUp = project.status === 'requested' || project.status === 'provisioning' || project.status === 'stuck' || project.status === 'failed';
  return (
    <PageBody>
      <PageHeader
        title={project.name}
        badge={<ProjectStatus status={project.status} unhealthy={project.unhealthy_since !== null} />}
        actions={project.status === 'ready' ? <DeployLink slug={org} projectId={project.id} mayDeploy={project.rights['deployment:write']} /> : undefined}
      />
      {project.unhealthy_since !== null && project.status === 'ready' && (
        <Notice tone="warn" icon={<Icon name="circle-alert" />} title="The backend of this project does not answer">
          <p>
            Since <RelativeTime at={project.unhealthy_since} />. Nothing was deleted; it is checked again every few minutes.
          </p>
        </Notice>
      )}
      {settingUp && <ProvisioningPanel projectId={project.id} mayRetry={project.rights['project:retry']} start={await orRefuse(getProvisioning(ctx, project.id))} />}
      {project.status === 'ready' && (
        <ConnectPanel
          projectId={project.id}
          framework={project.framework}
          mayExport={project.rights['env:export']}
          variables={project.rights['env:read'] ? (await orRefuse(getEnv(ctx, project.id))).variables : null}
        />
      )}
      <ProjectFacts project={project} />
    </PageBody>
  );
}
