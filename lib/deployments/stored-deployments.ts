import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { RailwayDeployment } from '@/lib/adapters/railway/port';
import type { Access } from '@/lib/identity/access/within';
import { notFound } from '@/lib/kernel/errors';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { DeploymentView, movingStatuses, type Status } from './schemas';

export interface DeploymentRow {
  id: string;
  public_id: string;
  project_id: string;
  project_public_id: string;
  project_name: string;
  service_id: string;
  environment: EnvironmentName;
  number: number;
  kind: 'deploy' | 'redeploy' | 'rollback' | 'external';
  status: Status;
  reason: string | null;
  source_kind: 'repository' | 'image';
  source: string;
  branch: string | null;
  root_directory: string | null;
  build_command: string | null;
  start_command: string | null;
  healthcheck_path: string | null;
  commit_sha: string | null;
  manifest_version: number | null;
  appwrite_key_row_id: string | null;
  of_public_id: string | null;
  of_number: number | null;
  railway_deployment_id: string | null;
  can_redeploy: boolean;
  can_rollback: boolean;
  stopped: boolean;
  url: string | null;
  cancel_requested: boolean;
  removed: boolean;
  newest_up: string | null;
  creator: string | null;
  created_at: Date;
  finished_at: Date | null;
  logs_kept_at: Date | null;
  logs_cut: boolean;
}

/** States in which it answers, or would once somebody asks. The newest is the one that began last: its id tells when, its number when it was heard of. */
const up = `('SUCCESS', 'SLEEPING')`;

const deploymentQuery = `
  select d.id, d.public_id, d.project_id, p.public_id as project_public_id, p.name as project_name, d.service_id, s.environment, d.number, d.kind, d.status, d.reason,
         d.source_kind, d.source, d.branch, d.root_directory, d.build_command, d.start_command, d.healthcheck_path, d.commit_sha, d.manifest_version, d.appwrite_key_row_id, o.public_id as of_public_id, o.number as of_number, d.railway_deployment_id,
         d.can_redeploy, d.can_rollback, d.stopped, d.cancel_requested_at is not null as cancel_requested, s.url, s.removed_at is not null as removed, nullif(concat_ws(' ', u.first_name, u.last_name), '') as creator,
         d.created_at, d.finished_at, d.logs_kept_at, d.logs_cut,
         (select n.id from deployments n where n.organization_id = d.organization_id and n.service_id = d.service_id and n.status in ${up} and not n.stopped order by n.id desc limit 1) as newest_up
    from deployments d
    join projects p on p.organization_id = d.organization_id and p.id = d.project_id
    join services s on s.organization_id = d.organization_id and s.id = d.service_id
    left join deployments o on o.organization_id = d.organization_id and o.id = d.of_deployment_id
    left join users u on u.id = d.created_by
   where d.organization_id = $1`;

/** Newest first, one more than asked for. `before` is the row uuid where the page begins. */
export function listDeploymentRows(
  tx: TenantTx,
  organizationId: string,
  { projectId, environment, before, limit }: { projectId: string; environment: EnvironmentName | undefined; before: string; limit: number },
): Promise<DeploymentRow[]> {
  return tx.query<DeploymentRow>(
    `${deploymentQuery} and d.project_id = $2 and d.id < $3 and ($4::text is null or s.environment = $4) order by d.id desc limit $5`,
    [organizationId, projectId, before, environment ?? null, limit + 1],
  );
}

/** By its public id, inside the project that the caller reaches. */
export async function getDeploymentRow(tx: TenantTx, access: Access, projectId: string, publicId: string): Promise<DeploymentRow> {
  const [row] = await tx.query<DeploymentRow>(`${deploymentQuery} and d.project_id = $2 and d.public_id = $3`, [access.organizationId, projectId, publicId]);
  if (row === undefined) throw notFound('deployment');
  return row;
}

export async function getDeploymentById(tx: TenantTx, organizationId: string, id: string): Promise<DeploymentRow> {
  const [row] = await tx.query<DeploymentRow>(`${deploymentQuery} and d.id = $2`, [organizationId, id]);
  if (row === undefined) throw notFound('deployment');
  return row;
}

export function isMoving(status: Status): boolean {
  return movingStatuses.includes(status);
}

/** Not up and not over, whoever has to do something about it. */
export function isUnderWay(status: Status): boolean {
  return isMoving(status) || status === 'NEEDS_APPROVAL';
}

/** It answers, or would once somebody asks. */
export function isUp(status: Status): boolean {
  return status === 'SUCCESS' || status === 'SLEEPING';
}

export function isLive(row: DeploymentRow): boolean {
  return !row.removed && !row.stopped && isUp(row.status) && row.id === row.newest_up;
}

export function toDeploymentView(row: DeploymentRow): DeploymentView {
  const live = isLive(row);
  const underWay = isUnderWay(row.status);
  const settled = !underWay && row.railway_deployment_id !== null && !row.removed;
  return DeploymentView.parse({
    id: row.public_id,
    project_id: row.project_public_id,
    environment: row.environment,
    number: row.number,
    kind: row.kind,
    status: row.status,
    reason: row.reason,
    source: row.source,
    branch: row.branch,
    commit: row.commit_sha,
    manifest_version: row.manifest_version,
    of: row.of_public_id === null ? null : { id: row.of_public_id, number: row.of_number },
    live,
    url: live ? row.url : null,
    can: {
      redeploy: settled && row.can_redeploy,
      rollback: settled && row.can_rollback && !live,
      restart: live || (settled && row.status === 'CRASHED'),
      stop: live,
      cancel: underWay && !row.cancel_requested,
    },
    cancelling: underWay && row.cancel_requested,
    created_by: row.creator,
    created_at: row.created_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
  });
}

interface Seen {
  organizationId: string;
  projectId: string;
  id: string;
}

/** Writes down what Railway says of a deployment; a state that is new gets its time. */
export async function recordSeen(tx: TenantTx, { organizationId, projectId, id }: Seen, seen: RailwayDeployment): Promise<void> {
  const ended = !isUnderWay(seen.status);
  const [change] = await tx.query<{ moved: boolean; halted: boolean }>(
    `update deployments d set status = $3, reason = case when $3 in ('SUCCESS', 'SLEEPING') then null else d.reason end, can_redeploy = $4, can_rollback = $5, stopped = $6, commit_sha = coalesce($7, d.commit_sha),
        seen_at = clock_timestamp(), finished_at = case when $8 then coalesce(d.finished_at, clock_timestamp()) end
       from deployments old
      where d.organization_id = $1 and d.id = $2 and old.organization_id = d.organization_id and old.id = d.id
      returning old.status <> $3 as moved, old.stopped <> $6 as halted`,
    [organizationId, id, seen.status, seen.canRedeploy, seen.canRollback, seen.stopped, seen.commit, ended],
  );
  if (change === undefined) return;
  await Promise.all([
    change.moved ? recordState(tx, organizationId, id, seen.status) : undefined,
    change.moved || change.halted ? notify(tx, { kind: 'project', organization_id: organizationId, project_id: projectId }) : undefined,
  ]);
}

export async function recordState(tx: TenantTx, organizationId: string, id: string, status: Status): Promise<void> {
  await tx.query('insert into deployment_states (organization_id, deployment_id, status) values ($1, $2, $3)', [organizationId, id, status]);
}
