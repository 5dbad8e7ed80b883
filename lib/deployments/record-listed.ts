import type { TenantTx } from '@/db/platform/client';
import type { RailwayDeployment } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { announceEnd } from './announce';
import { failureReason } from './failure-reason';
import type { Status } from './schemas';
import type { ServiceRow } from './service/stored-service';
import { getDeploymentById, isMoving, recordSeen, type DeploymentRow } from './stored-deployments';

/** How many of Railway's deployments are looked at: more than begin between two looks. */
export const looked = 20;

interface Listed {
  organizationId: string;
  /** Locked. */
  service: ServiceRow;
  /** As Railway lists them, newest first. */
  deployments: readonly RailwayDeployment[];
  /** Railway's id of the one whose saga writes it down itself. */
  except?: string | null;
}

interface Known {
  id: string;
  status: Status;
  kind: DeploymentRow['kind'];
}

/**
 * Writes down what Railway says of the last deployments of a service. One that nobody asked for here was begun there,
 * by a push or in its dashboard, and takes its place among the others. Answers those that have left the air since.
 */
export async function recordListed(ctx: Ctx, tx: TenantTx, { organizationId, service, deployments, except = null }: Listed): Promise<{ id: string; railwayId: string }[]> {
  const known = new Map(
    (
      await tx.query<Known & { railway_deployment_id: string }>(
        'select id, railway_deployment_id, status, kind from deployments where organization_id = $1 and service_id = $2 and railway_deployment_id = any($3)',
        [organizationId, service.id, deployments.map(({ id }) => id)],
      )
    ).map((row) => [row.railway_deployment_id, row]),
  );
  const left: { id: string; railwayId: string }[] = [];
  // The oldest first, so that numbers follow time.
  for (const seen of deployments.toReversed()) {
    if (seen.id === except) continue;
    const row = known.get(seen.id) ?? (await takeIn(tx, organizationId, service, seen));
    await recordSeen(tx, { organizationId, projectId: service.project_id, id: row.id }, seen);
    if (row.kind === 'external' && isMoving(row.status) && !isMoving(seen.status)) await announce(ctx, tx, organizationId, row.id);
    if ((row.status === 'SUCCESS' || row.status === 'SLEEPING') && (seen.status === 'CRASHED' || seen.status === 'REMOVED')) left.push({ id: row.id, railwayId: seen.id });
  }
  return left;
}

/** It starts with the variables that Railway holds, which are those that were set last. */
async function takeIn(tx: TenantTx, organizationId: string, service: ServiceRow, { id: railwayId, createdAt, commit }: RailwayDeployment): Promise<Known> {
  const id = newUuid(createdAt.getTime());
  const { source_kind: sourceKind, source, branch, root_directory: folder, build_command: build, start_command: start, healthcheck_path: health } = service;
  await tx.query(
    `insert into deployments (organization_id, id, public_id, project_id, service_id, number, kind, source_kind, source, branch, root_directory, build_command, start_command,
        healthcheck_path, commit_sha, railway_deployment_id, created_at, manifest_version, appwrite_key_row_id)
     select $1, $2, $3, $4, $5, coalesce((select max(number) from deployments where organization_id = $1 and service_id = $5), 0) + 1,
            'external', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, last.manifest_version, last.appwrite_key_row_id
       from (values (true)) as one
       left join lateral (select manifest_version, appwrite_key_row_id from deployments
                           where organization_id = $1 and service_id = $5 and appwrite_key_row_id is not null order by number desc limit 1) as last on true`,
    [organizationId, id, newPublicId('deployment'), service.project_id, service.id, sourceKind, source, branch, folder, build, start, health, commit, railwayId, createdAt],
  );
  return { id, status: 'PREPARING', kind: 'external' };
}

async function announce(ctx: Ctx, tx: TenantTx, organizationId: string, id: string): Promise<void> {
  const row = await getDeploymentById(tx, organizationId, id);
  if (row.status === 'SUCCESS' || row.status === 'SLEEPING') return announceEnd(ctx, tx, organizationId, row, { outcome: 'succeeded' });
  if (row.status !== 'FAILED' && row.status !== 'CRASHED') return;
  const reason = failureReason(row.status);
  await tx.query('update deployments set reason = $3 where organization_id = $1 and id = $2', [organizationId, id, reason]);
  await announceEnd(ctx, tx, organizationId, row, { outcome: 'failed', reason });
}
