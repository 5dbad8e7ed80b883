import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { rightsMap } from '@/lib/identity/access/policy';
import type { Access, Where } from '@/lib/identity/access/within';
import { AppError, notFound } from '@/lib/kernel/errors';
import { ProjectView } from './schemas';
import type { ProjectStatus } from './states';

export interface ProjectRow {
  id: string;
  public_id: string;
  organization_public_id: string;
  name: string;
  status: ProjectStatus;
  framework: string;
  hostname: string | null;
  database_ref: string;
  created_at: Date;
  updated_at: Date;
  ready_at: Date | null;
  deleted_at: Date | null;
  restorable_until: Date | null;
  /** Whether that time is still to come, by the clock that wrote it down. */
  restorable: boolean;
  unhealthy_since: Date | null;
}

const projectQuery = `
  select p.id, p.public_id, o.public_id as organization_public_id, p.name, p.status, p.framework, p.hostname,
         d.public_id as database_ref, p.created_at, p.updated_at, p.ready_at, p.deleted_at, p.restorable_until,
         coalesce(p.restorable_until > now(), false) as restorable, a.unhealthy_since
    from projects p
    join organizations o on o.id = p.organization_id
    join platform_databases d on d.organization_id = p.organization_id and d.project_id = p.id
    left join appwrite_projects a on a.organization_id = p.organization_id and a.project_id = p.id and a.state = 'live'
   where p.organization_id = $1 and p.public_id = $2`;

/** The project inside the open organization, or `not_found`: also for a key that is limited to another one. */
export async function getProjectRow(tx: TenantTx, access: Access, publicId: string): Promise<ProjectRow> {
  const [row] = await tx.query<ProjectRow>(projectQuery, [access.organizationId, publicId]);
  return reachable(access, row);
}

/** The same, locked until the transaction ends, for verbs that change it. */
export async function lockProjectRow(tx: TenantTx, access: Access, publicId: string): Promise<ProjectRow> {
  const [row] = await tx.query<ProjectRow>(`${projectQuery} for update of p`, [access.organizationId, publicId]);
  return reachable(access, row);
}

function reachable(access: Access, row: ProjectRow | undefined): ProjectRow {
  if (row === undefined || (access.onlyProjectId !== null && access.onlyProjectId !== row.id)) throw notFound('project');
  return row;
}

export function toProjectView(row: ProjectRow, access: Access): ProjectView {
  return ProjectView.parse({
    id: row.public_id,
    organization_id: row.organization_public_id,
    name: row.name,
    status: row.status,
    framework: row.framework,
    hostname: row.hostname,
    backend: 'appwrite',
    database_ref: row.database_ref,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    ready_at: row.ready_at?.toISOString() ?? null,
    deleted_at: row.deleted_at?.toISOString() ?? null,
    restorable_until: row.restorable_until?.toISOString() ?? null,
    unhealthy_since: row.unhealthy_since?.toISOString() ?? null,
    rights: rightsMap(access.rights),
  });
}

/** The organization that was named, else the only one that the credential reaches. */
export function whereOf(ctx: Ctx, organization: string | undefined): Where {
  if (organization !== undefined) return { organization };
  const { actor } = ctx;
  const bound = actor.kind === 'api_key' || actor.kind === 'user' ? actor.organizationId : undefined;
  if (bound === undefined) {
    const detail = 'organization_id is missing. Name the organization.';
    throw new AppError('invalid_input', detail, { errors: [{ pointer: '/organization_id', detail }] });
  }
  return { organizationId: bound };
}

/** The attempt that a project lives on at Appwrite. */
export interface PlacedProject {
  attemptId: string;
  appwriteProjectId: string;
  instanceId: string;
  teamId: string;
}

export async function getPlacedProject(tx: TenantTx, organizationId: string, projectId: string): Promise<PlacedProject> {
  const [row] = await tx.query<{ attempt_id: string; appwrite_project_id: string; instance_id: string; team_id: string }>(
    `select a.id as attempt_id, a.appwrite_project_id, a.instance_id, t.team_id
       from appwrite_projects a
       join appwrite_teams t on t.organization_id = a.organization_id and t.instance_id = a.instance_id
      where a.organization_id = $1 and a.project_id = $2 and a.state = 'live'`,
    [organizationId, projectId],
  );
  if (row === undefined) throw new AppError('conflict', 'The project has no backend yet. Nothing was changed.');
  return { attemptId: row.attempt_id, appwriteProjectId: row.appwrite_project_id, instanceId: row.instance_id, teamId: row.team_id };
}
