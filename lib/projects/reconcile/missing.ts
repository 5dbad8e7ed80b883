import { notify } from '@/db/platform/notify';
import { appwriteFailureOf, type AppwriteAdmin, type RemoteProject } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';

interface LiveRow {
  organization_id: string;
  project_id: string;
  id: string;
  appwrite_project_id: string;
  team_id: string;
  unhealthy: boolean;
}

/** Live projects that are probed in one run: the suspicious ones first, then a random sample of the others. */
const mostProbes = 25;

/** Marks ready projects that Appwrite lost or serves only in part, and takes the mark away when they are well again. */
export async function checkLiveProjects(ctx: Ctx, instanceId: string, remote: readonly RemoteProject[] | null, admin: AppwriteAdmin): Promise<{ probed: number; unhealthy: number }> {
  const rows = await asSystem(ctx, 'reconcile', (tx) =>
    tx.query<LiveRow>(
      `select a.organization_id, a.project_id, a.id, a.appwrite_project_id, t.team_id, a.unhealthy_since is not null as unhealthy
         from appwrite_projects a
         join appwrite_teams t on t.organization_id = a.organization_id and t.instance_id = a.instance_id
         join projects p on p.organization_id = a.organization_id and p.id = a.project_id
        where a.instance_id = $1 and a.state = 'live' and p.status = 'ready'
        order by a.unhealthy_since is null, a.appwrite_project_id = any($3), random() limit $2`,
      [instanceId, mostProbes, (remote ?? []).map(({ id }) => id)],
    ),
  );
  let unhealthy = 0;
  for (const row of rows) {
    const well = await isWell(admin, row);
    if (well === null) continue;
    if (!well) unhealthy += 1;
    if (well === row.unhealthy) await mark(ctx, row, well);
  }
  return { probed: rows.length, unhealthy };
}

/** Null when Appwrite as a whole does not answer, which says nothing about one project. */
async function isWell(admin: AppwriteAdmin, { team_id: teamId, appwrite_project_id: projectId }: LiveRow): Promise<boolean | null> {
  try {
    await admin.probeProject({ teamId, projectId });
    return true;
  } catch (error) {
    const kind = appwriteFailureOf(error)?.kind;
    if (kind === undefined) throw error;
    return kind === 'broken' || kind === 'not_found' ? false : null;
  }
}

async function mark(ctx: Ctx, { organization_id: organizationId, project_id: projectId, id }: LiveRow, well: boolean): Promise<void> {
  await within(ctx, { organizationId }, 'project:update', async (tx) => {
    await tx.query('update appwrite_projects set unhealthy_since = case when $3 then null else now() end where organization_id = $1 and id = $2', [organizationId, id, well]);
    const [project] = await tx.query<{ public_id: string; name: string }>('select public_id, name from projects where organization_id = $1 and id = $2', [organizationId, projectId]);
    if (project === undefined) return;
    await audit(ctx, tx, { organizationId, action: well ? 'project.recovered' : 'project.unhealthy', target: { kind: 'project', id: project.public_id, name: project.name } });
    await notify(tx, { kind: 'project', organization_id: organizationId, project_id: projectId });
  });
}
