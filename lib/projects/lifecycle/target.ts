import type { TenantTx } from '@/db/platform/client';
import type { AppwriteAdmin, ProjectRef } from '@/lib/adapters/appwrite/port';
import type { Saga, StepRun } from '@/lib/sagas/definition';

/** What the sagas of a project that has lived work on. */
export interface LiveTarget {
  publicId: string;
  name: string;
  /** Every attempt that Appwrite may still hold, with the team it belongs to. */
  attempts: { id: string; state: 'chosen' | 'live' | 'abandoned'; instanceId: string; ref: ProjectRef }[];
  keys: { id: string; appwriteProjectId: string; appwriteKeyId: string; name: string; scopes: string[]; expiresAt: Date | null }[];
}

export async function loadLiveTarget(tx: TenantTx, { organizationId, projectId }: Saga): Promise<LiveTarget> {
  const [project] = await tx.query<{ public_id: string; name: string }>(
    'select public_id, name from projects where organization_id = $1 and id = $2',
    [organizationId, projectId],
  );
  if (project === undefined) throw new Error('the project of the saga is not there');
  const attempts = await tx.query<{ id: string; state: 'chosen' | 'live' | 'abandoned'; instance_id: string; appwrite_project_id: string; team_id: string }>(
    `select a.id, a.state, a.instance_id, a.appwrite_project_id, t.team_id
       from appwrite_projects a
       join appwrite_teams t on t.organization_id = a.organization_id and t.instance_id = a.instance_id
      where a.organization_id = $1 and a.project_id = $2 and a.state <> 'deleted' order by a.attempt`,
    [organizationId, projectId],
  );
  const keys = await tx.query<{ id: string; appwrite_project_id: string; appwrite_key_id: string; name: string; scopes: string[]; expires_at: Date | null }>(
    `select k.id, a.appwrite_project_id, k.appwrite_key_id, k.name, k.scopes, k.expires_at
       from appwrite_keys k
       join appwrite_projects a on a.organization_id = k.organization_id and a.id = k.appwrite_project_row_id
      where k.organization_id = $1 and k.project_id = $2 and k.state = 'live' and a.state = 'live' order by k.created_at`,
    [organizationId, projectId],
  );
  return {
    publicId: project.public_id,
    name: project.name,
    attempts: attempts.map((row) => ({
      id: row.id, state: row.state, instanceId: row.instance_id, ref: { teamId: row.team_id, projectId: row.appwrite_project_id },
    })),
    keys: keys.map((row) => ({
      id: row.id, appwriteProjectId: row.appwrite_project_id, appwriteKeyId: row.appwrite_key_id, name: row.name, scopes: row.scopes, expiresAt: row.expires_at,
    })),
  };
}

/** The attempt that the project lives on, with its server at hand; null when it never lived. */
export async function liveAttempt(run: StepRun<LiveTarget>): Promise<{ ref: ProjectRef; admin: AppwriteAdmin } | null> {
  const live = run.target.attempts.find(({ state }) => state === 'live');
  if (live === undefined) return null;
  const instance = await run.ctx.appwrite.byId(live.instanceId);
  return { ref: live.ref, admin: instance.admin({ retrying: run.retrying, tenant: run.saga.organizationId }) };
}
