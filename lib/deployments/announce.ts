import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import type { DeploymentRow } from './stored-deployments';

type End = { outcome: 'succeeded' } | { outcome: 'failed' | 'cancelled'; reason: string };

/** Tells the audit log and the webhooks how a deployment ended. */
export async function announceEnd(ctx: Ctx, tx: TenantTx, organizationId: string, row: DeploymentRow, end: End): Promise<void> {
  const reason = end.outcome === 'succeeded' ? {} : { reason: end.reason };
  const type = end.outcome === 'succeeded' ? 'deployment.succeeded' : 'deployment.failed';
  await Promise.all([
    audit(ctx, tx, { organizationId, action: `deployment.${end.outcome}`, target: deploymentTarget(row), ...reason }),
    emitEvent(ctx, tx, { organizationId, type, data: { ...eventData(row), ...reason } }),
  ]);
}

/** What a webhook tells of a deployment. */
export function eventData(row: DeploymentRow): Record<string, unknown> {
  return { deployment_id: row.public_id, project_id: row.project_public_id, environment: row.environment, number: row.number, kind: row.kind, status: row.status, url: row.url };
}

/** A deployment as the audit log names it. */
export function deploymentTarget({ public_id: id, project_name: project, number }: DeploymentRow): { kind: 'deployment'; id: string; name: string } {
  return { kind: 'deployment', id, name: `${project} #${number}` };
}
