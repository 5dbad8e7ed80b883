import type { TenantTx } from '@/db/platform/client';
import { enqueue } from '@/db/platform/outbox';
import { newAppwriteId } from '@/lib/kernel/ids';

interface Attempt {
  organizationId: string;
  projectId: string;
}

/**
 * Gives up the id of the current attempt for good. `left: 'maybe'` when something may lie at Appwrite under it:
 * then a job deletes it and watches until it is gone, and only then its place is free again.
 */
export async function abandonAttempt(tx: TenantTx, { organizationId, projectId }: Attempt, left: 'maybe' | 'nothing'): Promise<void> {
  const [attempt] = await tx.query<{ id: string; instance_id: string | null }>(
    `update appwrite_projects set state = 'abandoned', abandoned_at = now()
      where organization_id = $1 and project_id = $2 and state in ('chosen', 'live') returning id, instance_id`,
    [organizationId, projectId],
  );
  if (attempt === undefined) return;
  await tx.query(
    `update appwrite_keys set state = 'failed', sealed_secret = null
      where organization_id = $1 and appwrite_project_row_id = $2 and state in ('requested', 'live', 'revoking')`,
    [organizationId, attempt.id],
  );
  // What was never placed can have left nothing anywhere.
  if (left === 'maybe' && attempt.instance_id !== null) await enqueue(tx, 'remove-attempt', { attempt_id: attempt.id }, { jobKey: `attempt:${attempt.id}` });
  else await closeAttempt(tx, organizationId, attempt.id);
}

/** Notes that Appwrite no longer has the attempt, and gives its place back. Safe to repeat. */
export async function closeAttempt(tx: TenantTx, organizationId: string, attemptId: string): Promise<void> {
  const [closed] = await tx.query<{ instance_id: string | null }>(
    `update appwrite_projects set state = 'deleted', deleted_at = now()
      where organization_id = $1 and id = $2 and state <> 'deleted' returning instance_id`,
    [organizationId, attemptId],
  );
  if (closed?.instance_id != null) await tx.query('select studio.release_appwrite_project($1)', [closed.instance_id]);
}

/** A further attempt under an id that was never used. */
export async function beginAttempt(tx: TenantTx, { organizationId, projectId }: Attempt): Promise<void> {
  await tx.query(
    `insert into appwrite_projects (organization_id, project_id, platform_database_id, attempt, appwrite_project_id)
     select $1, $2, d.id, (select coalesce(max(a.attempt), 0) + 1 from appwrite_projects a where a.organization_id = $1 and a.project_id = $2), $3
       from platform_databases d where d.organization_id = $1 and d.project_id = $2`,
    [organizationId, projectId, newAppwriteId()],
  );
}
