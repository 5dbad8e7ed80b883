import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { actorId } from '@/lib/kernel/actor';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { startSaga } from '@/lib/sagas/start';
import { audit } from '@/lib/trust/audit/record';
import { demandRoom } from '@/lib/trust/usage/plan-limits';
import { emitEvent } from '@/lib/webhooks/emit';
import { deploymentTarget, eventData } from './announce';
import { countDeployments } from './count-deployments';
import type { ServiceRow } from './service/stored-service';
import { getDeploymentById, recordState, type DeploymentRow } from './stored-deployments';

interface Begin {
  organizationId: string;
  service: ServiceRow;
  kind: 'deploy' | 'redeploy' | 'rollback';
  /** What is repeated or gone back to; without one the service's own source is deployed. */
  of?: DeploymentRow;
  /** False for what Studio does by itself, which no plan has to have room for. */
  counted?: boolean;
}

/** Writes a deployment and the saga that carries it out. `conflict` while another change to the service is on its way, `quota_exceeded` when the plan is full. */
export async function beginDeployment(ctx: Ctx, tx: TenantTx, { organizationId, service, kind, of, counted = true }: Begin): Promise<DeploymentRow> {
  const id = newUuid(ctx.clock.now().getTime());
  const publicId = newPublicId('deployment');
  const from = of ?? service;
  // Going back brings the variables of then along: until it has the current key, the one of then is not to be taken.
  const then = kind === 'rollback' ? of : undefined;
  // In one round trip: the connection keeps the order.
  const written = tx.query(
    `insert into deployments (organization_id, id, public_id, project_id, service_id, number, kind, source_kind, source, branch, root_directory, build_command, start_command,
        healthcheck_path, commit_sha, manifest_version, appwrite_key_row_id, of_deployment_id, created_by)
     select $1, $2, $3, $4, $5, coalesce(max(number), 0) + 1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18 from deployments where organization_id = $1 and service_id = $5`,
    [
      organizationId, id, publicId, service.project_id, service.id, kind, from.source_kind, from.source, from.branch, from.root_directory, from.build_command, from.start_command,
      from.healthcheck_path, of?.commit_sha ?? null, then?.manifest_version ?? null, then?.appwrite_key_row_id ?? null, of?.id ?? null, actorId(ctx.actor),
    ],
  );
  const [, , , row] = await Promise.all([
    written,
    recordState(tx, organizationId, id, 'PREPARING'),
    startSaga(ctx, tx, { organizationId, projectId: service.project_id, serviceId: service.id, kind: kind === 'rollback' ? 'rollback' : 'deploy', input: { deployment_id: id } }),
    getDeploymentById(tx, organizationId, id),
  ]);
  const changes = { kind: { from: null, to: kind }, environment: { from: null, to: service.environment }, ...(of === undefined ? {} : { of: { from: null, to: of.public_id } }) };
  await Promise.all([
    audit(ctx, tx, { organizationId, action: 'deployment.created', target: deploymentTarget(row), changes }),
    emitEvent(ctx, tx, { organizationId, type: 'deployment.queued', data: eventData(row) }),
    notify(tx, { kind: 'project', organization_id: organizationId, project_id: service.project_id }),
  ]);
  // Last: it locks the plan of the organization, and everybody who deploys there waits for it.
  if (counted) await demandRoom(tx, organizationId, 'deployments', countDeployments);
  return row;
}
