import type { TenantTx } from '@/db/platform/client';
import type { RailwayDeployment } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { lookAgainMs } from '@/lib/sagas/backoff';
import { announceEnd } from './announce';
import { cancelledReason, failureReason } from './failure-reason';
import { keepLogsSoon, lookSoon } from './look-soon';
import type { Status } from './schemas';
import type { ServiceRow } from './service/stored-service';
import { getDeploymentById, isUnderWay, isUp, recordSeen, type DeploymentRow } from './stored-deployments';

/** How many of Railway's deployments are looked at: more than begin between two looks. */
export const looked = 20;

/** No saga follows what was begun at Railway itself, and Railway counts each look. */
const soonestMs = 10_000;

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
  railway_deployment_id: string;
  replaced_railway_ids: string[];
  status: Status;
  kind: DeploymentRow['kind'];
}

/** An end that was longer ago than this is history, and nobody is told of it. */
const newsMs = 15 * 60_000;

/**
 * Writes down what Railway says of the last deployments of a service. One that nobody asked for here was begun there,
 * by a push or in its dashboard, and takes its place among the others.
 */
export async function recordListed(ctx: Ctx, tx: TenantTx, { organizationId, service, deployments, except = null }: Listed): Promise<void> {
  const rows = await knownOf(tx, organizationId, service, deployments);
  const known = new Map(rows.map((row) => [row.railway_deployment_id, row]));
  const replaced = new Set(rows.flatMap((row) => row.replaced_railway_ids));
  let underWay: Date | null = null;
  // The oldest first, so that numbers follow time.
  for (const seen of deployments.toReversed()) {
    if (seen.id === except || replaced.has(seen.id)) continue;
    const row = known.get(seen.id) ?? (await takeIn(tx, organizationId, service, seen));
    await recordSeen(tx, { organizationId, projectId: service.project_id, id: row.id }, seen);
    if (isUnderWay(seen.status)) underWay = seen.createdAt;
    else if (seen.status !== row.status) await concludeListed(ctx, tx, organizationId, row, seen);
  }
  if (underWay !== null) await lookSoon(tx, service.id, Math.max(soonestMs, lookAgainMs(Date.now() - underWay.getTime())));
}

/** Those that are listed, and those that have replaced one of them. */
function knownOf(tx: TenantTx, organizationId: string, { id }: ServiceRow, deployments: readonly RailwayDeployment[]): Promise<Known[]> {
  return tx.query<Known>(
    `select id, railway_deployment_id, replaced_railway_ids, status, kind from deployments
      where organization_id = $1 and service_id = $2 and (railway_deployment_id = any($3) or replaced_railway_ids && $3)`,
    [organizationId, id, deployments.map((deployment) => deployment.id)],
  );
}

/** Its last lines are kept, because nobody else does it; what no saga follows is announced too. */
async function concludeListed(ctx: Ctx, tx: TenantTx, organizationId: string, before: Known, seen: RailwayDeployment): Promise<void> {
  if (!(isUp(before.status) && isUp(seen.status))) await keepLogsSoon(tx, before.id);
  const isNews = Date.now() - (seen.statusUpdatedAt ?? seen.createdAt).getTime() < newsMs;
  if (before.kind === 'external' && isUnderWay(before.status) && isNews) await announce(ctx, tx, organizationId, before.id);
}

/** It starts with the variables that Railway holds, which are those that were set last. */
async function takeIn(tx: TenantTx, organizationId: string, service: ServiceRow, { id: railwayId, createdAt, commit, status, statusUpdatedAt }: RailwayDeployment): Promise<Known> {
  const id = newUuid(createdAt.getTime());
  const { source_kind: sourceKind, source, branch, root_directory: folder, build_command: build, start_command: start, healthcheck_path: health } = service;
  await tx.query(
    `insert into deployments (organization_id, id, public_id, project_id, service_id, number, kind, source_kind, source, branch, root_directory, build_command, start_command,
        healthcheck_path, commit_sha, railway_deployment_id, created_at, finished_at, manifest_version, appwrite_key_row_id)
     select $1, $2, $3, $4, $5, coalesce((select max(number) from deployments where organization_id = $1 and service_id = $5), 0) + 1,
            'external', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, last.manifest_version, last.appwrite_key_row_id
       from (values (true)) as one
       left join lateral (select manifest_version, appwrite_key_row_id from deployments
                           where organization_id = $1 and service_id = $5 and id < $2 and appwrite_key_row_id is not null order by id desc limit 1) as last on true`,
    [organizationId, id, newPublicId('deployment'), service.project_id, service.id, sourceKind, source, branch, folder, build, start, health, commit, railwayId, createdAt, isUnderWay(status) ? null : statusUpdatedAt],
  );
  return { id, railway_deployment_id: railwayId, replaced_railway_ids: [], status: 'PREPARING', kind: 'external' };
}

async function announce(ctx: Ctx, tx: TenantTx, organizationId: string, id: string): Promise<void> {
  const row = await getDeploymentById(tx, organizationId, id);
  if (isUp(row.status)) return announceEnd(ctx, tx, organizationId, row, { outcome: 'succeeded' });
  const cancelled = row.cancel_requested && row.status === 'REMOVED';
  const reason = cancelled ? cancelledReason : failureReason(row.status);
  await tx.query('update deployments set reason = $3 where organization_id = $1 and id = $2', [organizationId, id, reason]);
  await announceEnd(ctx, tx, organizationId, row, { outcome: cancelled ? 'cancelled' : 'failed', reason });
}
