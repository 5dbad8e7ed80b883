'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { usePages } from '@/app/_live/use-pages';
import { useRemote } from '@/app/_live/use-remote';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { MoreRows } from '@/app/_ui/more-rows';
import type { RailwayAnswer } from '@/lib/deployments/connection/schemas';
import type { HookAnswer } from '@/lib/deployments/hook/schemas';
import type { DeploymentView } from '@/lib/deployments/schemas';
import type { ServiceView } from '@/lib/deployments/service/schemas';
import type { Page } from '@/lib/kernel/page';
import { paths } from '@/lib/paths';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { isMoving } from './deployment-status';
import { DeploymentTable } from './deployment-table';
import { EnvironmentNav, environmentHref } from './environment-nav';
import { DeployDialog, DriftBanner, NothingDeployed, RailwayHookCard, RailwayNotice, ReadProblem, ServiceCard } from './on-demand';

/** For when the stream of events is lost while a deployment is on its way. */
const movingEveryMs = 3000;

interface DeploymentsViewProps {
  organization: { id: string; slug: string };
  project: { id: string; name: string };
  environment: EnvironmentName;
  environments: readonly EnvironmentName[];
  railway: RailwayAnswer;
  service: { service: ServiceView | null };
  hook: HookAnswer;
  first: Page<DeploymentView>;
  mayDeploy: boolean;
  mayManageRailway: boolean;
  /** Comparing variables shows them. */
  mayReadEnv: boolean;
  /** The dialog was asked for by the address. */
  deployAtOnce: boolean;
}

export function DeploymentsView({ organization, project, environment, environments, railway, mayDeploy, mayManageRailway, mayReadEnv, deployAtOnce, ...start }: DeploymentsViewProps) {
  const router = useRouter();
  const [moving, setMoving] = useState(() => hasMoving(start.first.data));
  const everyMs = moving ? movingEveryMs : undefined;
  const service = useRemote<{ service: ServiceView | null }>({ path: `/projects/${project.id}/service?environment=${environment}`, initial: start.service, everyMs });
  const deployments = usePages<DeploymentView>({ path: `/projects/${project.id}/deployments?environment=${environment}`, first: start.first, everyMs });
  const app = service.data?.service ?? null;
  const movingNow = app?.busy === true || hasMoving(deployments.rows);
  if (movingNow !== moving) setMoving(movingNow);
  const refusal = mayDeploy ? undefined : missingRight('deployment:write');
  const connected = railway.connection !== null;
  const [deploying, setDeploying] = useState(deployAtOnce && mayDeploy && connected);
  const path = paths.deployments(organization.slug, project.id);
  const reload = () => Promise.all([service.reload(), deployments.reload()]);
  const close = () => {
    setDeploying(false);
    // Coming back to this address must not open it again.
    if (deployAtOnce) router.replace(environmentHref(path, environment));
  };
  const deploy = (
    <AllowedButton kind="primary" reason={refusal ?? (connected ? undefined : 'Railway is not connected yet.')} icon={<Icon name="rocket" />} onClick={() => setDeploying(true)}>
      Deploy
    </AllowedButton>
  );
  const connect = { organizationId: organization.id, localAvailable: railway.local_available, mayManage: mayManageRailway };
  const troubled = railway.connection === null || railway.connection.refused_since !== null;
  const nothing = app === null && deployments.rows.length === 0;
  return (
    <PageBody>
      <PageHeader title="Deployments" description="The app of this project, built and run at Railway with the project's variables." actions={deploy} />
      <EnvironmentNav path={path} shown={environment} present={environments} />
      {troubled && (connected || !nothing) && <RailwayNotice railway={railway} settings={paths.organizationSettings(organization.slug)} connect={connect} />}
      {deployments.error !== null && <ReadProblem error={deployments.error} />}
      {connected && mayReadEnv && app !== null && !moving && <DriftBanner projectId={project.id} environment={environment} refusal={refusal} onChanged={reload} />}
      {app !== null && <ServiceCard service={app} projectName={project.name} refusal={refusal} onChanged={reload} />}
      {nothing ? (
        <NothingDeployed projectId={project.id} environment={environment} connect={connected ? null : connect} action={deploy} />
      ) : (
        deployments.rows.length > 0 && (
          <>
            <DeploymentTable deployments={deployments.rows} slug={organization.slug} projectId={project.id} refusal={refusal} onChanged={reload} />
            <MoreRows more={deployments.more} busy={deployments.loading} onMore={deployments.loadMore} />
          </>
        )
      )}
      {app !== null && <RailwayHookCard projectId={project.id} start={start.hook} refusal={refusal} />}
      {deploying && <DeployDialog slug={organization.slug} projectId={project.id} environment={environment} service={app} exampleAvailable={railway.example_available} onClose={close} />}
    </PageBody>
  );
}

function hasMoving(deployments: readonly DeploymentView[]): boolean {
  return deployments.some(({ status }) => isMoving(status));
}
