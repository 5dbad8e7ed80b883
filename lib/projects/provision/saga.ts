import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { Action } from '@/lib/trust/audit/actions';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import type { Saga, SagaDefinition } from '@/lib/sagas/definition';
import { create, health, key, platform, ready, reserve } from './steps';
import { loadTarget, type ProvisionTarget } from './target';

/** From the wish for a project to one that answers. What cannot be completed is taken back; what cannot be taken back is stuck. */
export const provision: SagaDefinition<ProvisionTarget> = {
  kind: 'provision',
  steps: [reserve, create, health, key, platform, ready],
  onGiveUp: 'undo',
  load: loadTarget,
  undone: (ctx, tx, saga, reason) => close(ctx, tx, saga, { status: 'failed', action: 'project.provisioning_failed', reason }),
  stuck: (ctx, tx, saga, reason) => close(ctx, tx, saga, { status: 'stuck', action: 'project.stuck', reason }),
};

async function close(
  ctx: Ctx,
  tx: TenantTx,
  { organizationId, projectId }: Saga,
  { status, action, reason }: { status: 'failed' | 'stuck'; action: Action; reason: string },
): Promise<void> {
  const [project] = await tx.query<{ public_id: string; name: string }>(
    `update projects set status = $3, updated_at = now() where organization_id = $1 and id = $2 returning public_id, name`,
    [organizationId, projectId, status],
  );
  if (project === undefined) throw new Error('the project of the saga is not there');
  await audit(ctx, tx, { organizationId, action, reason, target: { kind: 'project', id: project.public_id, name: project.name } });
  await emitEvent(ctx, tx, { organizationId, type: 'project.failed', data: { project: { id: project.public_id, name: project.name, status }, reason } });
}
