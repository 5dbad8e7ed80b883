import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { currentKey } from '@/lib/projects/env/render-manifest';
import type { Saga, SagaDefinition } from '@/lib/sagas/definition';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import { eventData } from '../begin-deployment';
import { isMoving, recordState, type DeploymentRow } from '../stored-deployments';
import { redeployLive } from '../redeploy-live';
import { follow } from './follow';
import { environment, service, target } from './place-steps';
import { configure, deploy as start, domain, source, variables } from './start-steps';
import { loadDeployTarget, noticing, type DeployTarget } from './target';

/**
 * From the wish to an app that answers. What Railway has by then stays there when a later step fails: the next
 * deployment goes on from it, and nothing is made twice.
 */
export const deploy: SagaDefinition<DeployTarget> = {
  kind: 'deploy',
  steps: [target, environment, service, variables, configure, domain, source, start, follow('follow')].map(noticing),
  onGiveUp: 'stuck',
  load: loadDeployTarget,
  done: succeeded,
  stuck: failed,
};

export async function succeeded(ctx: Ctx, tx: TenantTx, saga: Saga): Promise<void> {
  const row = await deploymentOf(tx, saga);
  const at = { organizationId: saga.organizationId, projectId: saga.projectId, environment: row.environment };
  // Rotated while this came up: it runs with a key whose time is over.
  if (row.appwrite_key_row_id !== (await currentKey(tx, at))) await redeployLive(ctx, tx, at);
  await audit(ctx, tx, { organizationId: saga.organizationId, action: 'deployment.succeeded', target: targetOf(row) });
  await emitEvent(ctx, tx, { organizationId: saga.organizationId, type: 'deployment.succeeded', data: eventData(row) });
}

/** Railway's own word for the end stays; what never came that far has failed. */
export async function failed(ctx: Ctx, tx: TenantTx, saga: Saga, reason: string): Promise<void> {
  const before = await deploymentOf(tx, saga);
  const open = isMoving(before.status) || before.status === 'NEEDS_APPROVAL';
  await tx.query(
    `update deployments set reason = $3, status = case when $4 then 'FAILED' else status end, finished_at = coalesce(finished_at, clock_timestamp()) where organization_id = $1 and id = $2`,
    [saga.organizationId, before.id, reason, open],
  );
  if (open) await recordState(tx, saga.organizationId, before.id, 'FAILED');
  const row = await deploymentOf(tx, saga);
  await audit(ctx, tx, { organizationId: saga.organizationId, action: 'deployment.failed', target: targetOf(row), reason });
  await emitEvent(ctx, tx, { organizationId: saga.organizationId, type: 'deployment.failed', data: { ...eventData(row), reason } });
  await notify(tx, { kind: 'project', organization_id: saga.organizationId, project_id: saga.projectId });
}

async function deploymentOf(tx: TenantTx, saga: Saga): Promise<DeploymentRow> {
  return (await loadDeployTarget(tx, saga)).deployment;
}

function targetOf(row: DeploymentRow): { kind: 'deployment'; id: string; name: string } {
  return { kind: 'deployment', id: row.public_id, name: `${row.project_name} #${row.number}` };
}
