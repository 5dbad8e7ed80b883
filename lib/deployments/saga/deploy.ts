import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { currentKey } from '@/lib/projects/env/render-manifest';
import type { Saga, SagaDefinition } from '@/lib/sagas/definition';
import { announceEnd } from '../announce';
import { cancelledReason } from '../failure-reason';
import { lookSoon } from '../look-soon';
import { isUnderWay, recordState } from '../stored-deployments';
import { redeployLive } from '../redeploy-live';
import { cancellable, cancellableStart } from './cancellable';
import { follow } from './follow';
import { environment, service, target } from './place-steps';
import { configure, deploy as start, domain, source, variables } from './start-steps';
import { loadDeployment, loadDeployTarget, noticing, type DeployTarget } from './target';

/**
 * From the wish to an app that answers. What Railway has by then stays there when a later step fails: the next
 * deployment goes on from it, and nothing is made twice.
 */
export const deploy: SagaDefinition<DeployTarget> = {
  kind: 'deploy',
  steps: [...[target, environment, service, variables, configure, domain].map(cancellable), ...[source, start].map(cancellableStart), follow('follow')].map(noticing),
  onGiveUp: 'stuck',
  load: loadDeployTarget,
  done: succeeded,
  stuck: failed,
};

export async function succeeded(ctx: Ctx, tx: TenantTx, saga: Saga): Promise<void> {
  const row = await loadDeployment(tx, saga);
  const at = { organizationId: saga.organizationId, projectId: saga.projectId, environment: row.environment };
  // Rotated while this came up: it runs with a key whose time is over.
  if (row.appwrite_key_row_id !== (await currentKey(tx, at))) await redeployLive(ctx, tx, at);
  await announceEnd(ctx, tx, saga.organizationId, row, { outcome: 'succeeded' });
}

/** Railway's own word for the end stays; what never came that far has failed. */
export async function failed(ctx: Ctx, tx: TenantTx, saga: Saga, reason: string): Promise<void> {
  const before = await loadDeployment(tx, saga);
  const open = isUnderWay(before.status);
  const cancelled = reason === cancelledReason;
  // As Railway calls what it was told to cancel.
  const status = cancelled ? 'REMOVED' : 'FAILED';
  await tx.query(
    `update deployments set reason = $3, status = case when $4 then $5 else status end, finished_at = coalesce(finished_at, clock_timestamp()) where organization_id = $1 and id = $2`,
    [saga.organizationId, before.id, reason, open, status],
  );
  if (open) await recordState(tx, saga.organizationId, before.id, status);
  // Railway may have begun it all the same, its answer lost or wrong: a look writes down what runs there.
  if (before.railway_deployment_id === null) await lookSoon(tx, before.service_id);
  const row = await loadDeployment(tx, saga);
  await announceEnd(ctx, tx, saga.organizationId, row, { outcome: cancelled ? 'cancelled' : 'failed', reason });
  await notify(tx, { kind: 'project', organization_id: saga.organizationId, project_id: saga.projectId });
}
