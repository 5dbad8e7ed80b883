import type { Tx } from '@/db/platform/client';
import type { AppwriteAdmin, RemoteProject } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';

export interface StrayReport {
  found: number;
  cleared: number;
  deleted: number;
}

/** Nothing is deleted before it was a stray for this long, and never more than so many in one run. */
const quarantineHours = 24;
const mostDeletions = 5;

/**
 * Projects of our teams that no attempt names. `remote` has to be a whole list, read before this: an attempt is
 * written down before it is created, so whatever the list shows is known by now if it is ours.
 */
export async function quarantineStrays(ctx: Ctx, instanceId: string, remote: readonly RemoteProject[], admin: AppwriteAdmin): Promise<StrayReport> {
  const { found, cleared, due } = await asSystem(ctx, 'reconcile', async (tx) => {
    const unknown = await unknownOf(tx, instanceId, remote);
    for (const { id, teamId } of unknown) await note(tx, instanceId, { id, teamId });
    const ids = unknown.map(({ id }) => id);
    return { found: ids.length, cleared: await clearKnown(tx, instanceId, ids), due: await overdue(tx, instanceId, ids) };
  });
  let deleted = 0;
  for (const { team_id: teamId, appwrite_project_id: projectId } of due) {
    ctx.log.warn({ instance: instanceId, appwrite_project: projectId, team: teamId }, 'deleting an Appwrite project that no organization has owned for a day');
    await admin.deleteProject({ teamId, projectId });
    await asSystem(ctx, 'reconcile', (tx) => tx.query('update appwrite_strays set deleted_at = now() where instance_id = $1 and appwrite_project_id = $2', [instanceId, projectId]));
    deleted += 1;
  }
  return { found, cleared, deleted };
}

/**
 * When our own side shows nothing at all, it is our side that is wrong: then nothing counts as a stray. An
 * attempt that was deleted is not known any more: a call that timed out may have made it again since.
 */
async function unknownOf(tx: Tx, instanceId: string, remote: readonly RemoteProject[]): Promise<RemoteProject[]> {
  const attempts = await tx.query<{ appwrite_project_id: string }>(`select appwrite_project_id from appwrite_projects where appwrite_project_id = any($1) and state <> 'deleted'`, [remote.map(({ id }) => id)]);
  const teams = await tx.query<{ team_id: string }>('select team_id from appwrite_teams where instance_id = $1', [instanceId]);
  if (attempts.length === 0 || teams.length === 0) return [];
  const known = new Set(attempts.map((row) => row.appwrite_project_id));
  const ours = new Set(teams.map((row) => row.team_id));
  return remote.filter(({ id, teamId }) => ours.has(teamId) && !known.has(id));
}

async function note(tx: Tx, instanceId: string, { id, teamId }: { id: string; teamId: string }): Promise<void> {
  await tx.query(
    `insert into appwrite_strays as s (instance_id, appwrite_project_id, team_id, first_seen_at, last_seen_at) values ($1, $2, $3, now(), now())
     on conflict (instance_id, appwrite_project_id) do update set last_seen_at = now(), team_id = excluded.team_id,
       first_seen_at = case when s.cleared_at is null then s.first_seen_at else now() end, cleared_at = null`,
    [instanceId, id, teamId],
  );
}

async function clearKnown(tx: Tx, instanceId: string, strays: readonly string[]): Promise<number> {
  const cleared = await tx.query(
    `update appwrite_strays set cleared_at = now()
      where instance_id = $1 and cleared_at is null and deleted_at is null and appwrite_project_id <> all($2) returning id`,
    [instanceId, strays],
  );
  return cleared.length;
}

function overdue(tx: Tx, instanceId: string, strays: readonly string[]): Promise<{ appwrite_project_id: string; team_id: string }[]> {
  return tx.query(
    `select appwrite_project_id, team_id from appwrite_strays
      where instance_id = $1 and appwrite_project_id = any($2) and cleared_at is null and deleted_at is null
        and first_seen_at < now() - $3 * interval '1 hour'
      order by first_seen_at limit $4`,
    [instanceId, strays, quarantineHours, mostDeletions],
  );
}
