import type { TenantTx } from '@/db/platform/client';
import type { AppwriteAdmin, ProjectRef } from '@/lib/adapters/appwrite/port';
import type { Saga, StepRun } from '@/lib/sagas/definition';

/** What provisioning works on. `attempt` is null once it has been given up. */
export interface ProvisionTarget {
  publicId: string;
  name: string;
  hostname: string | null;
  organizationName: string;
  attempt: { id: string; appwriteProjectId: string; instanceId: string | null } | null;
  team: { id: string; confirmed: boolean } | null;
  envKey: { id: string; appwriteKeyId: string } | null;
}

interface TargetRow {
  public_id: string;
  name: string;
  hostname: string | null;
  organization_name: string;
  attempt_id: string | null;
  appwrite_project_id: string | null;
  instance_id: string | null;
  team_id: string | null;
  team_confirmed: boolean;
  key_id: string | null;
  appwrite_key_id: string | null;
}

export async function loadTarget(tx: TenantTx, { organizationId, projectId }: Saga): Promise<ProvisionTarget> {
  const [row] = await tx.query<TargetRow>(
    `select p.public_id, p.name, p.hostname, o.name as organization_name,
            a.id as attempt_id, a.appwrite_project_id, a.instance_id,
            t.team_id, t.confirmed_at is not null as team_confirmed, k.id as key_id, k.appwrite_key_id
       from projects p
       join organizations o on o.id = p.organization_id
       left join appwrite_projects a on a.organization_id = p.organization_id and a.project_id = p.id and a.state in ('chosen', 'live')
       left join appwrite_teams t on t.organization_id = p.organization_id and t.instance_id = a.instance_id
       left join appwrite_keys k on k.organization_id = p.organization_id and k.appwrite_project_row_id = a.id
             and k.purpose = 'env' and k.environment_id is null and k.state in ('requested', 'live') and k.replaced_by is null
      where p.organization_id = $1 and p.id = $2`,
    [organizationId, projectId],
  );
  if (row === undefined) throw new Error('the project of the saga is not there');
  const { attempt_id: attemptId, appwrite_project_id: appwriteProjectId } = row;
  return {
    publicId: row.public_id,
    name: row.name,
    hostname: row.hostname,
    organizationName: row.organization_name,
    attempt: attemptId === null || appwriteProjectId === null ? null : { id: attemptId, appwriteProjectId, instanceId: row.instance_id },
    team: row.team_id === null ? null : { id: row.team_id, confirmed: row.team_confirmed },
    envKey: row.key_id === null || row.appwrite_key_id === null ? null : { id: row.key_id, appwriteKeyId: row.appwrite_key_id },
  };
}

/** A placed attempt with its server at hand, for every step behind `reserve`. */
export interface PlacedAttempt {
  attemptId: string;
  ref: ProjectRef;
  admin: AppwriteAdmin;
}

export async function placed(run: StepRun<ProvisionTarget>): Promise<PlacedAttempt> {
  const { attempt, team } = run.target;
  if (attempt === null || attempt.instanceId === null || team === null) throw new Error('the attempt has no place yet');
  const instance = await run.ctx.appwrite.byId(attempt.instanceId);
  return {
    attemptId: attempt.id,
    ref: { teamId: team.id, projectId: attempt.appwriteProjectId },
    admin: instance.admin({ retrying: run.retrying, tenant: run.saga.organizationId }),
  };
}
