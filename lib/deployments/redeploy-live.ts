import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { beginDeployment } from './begin-deployment';
import { findConnection } from './connection/stored-connection';
import { lockService } from './service/stored-service';
import { getDeploymentById } from './stored-deployments';

interface Changed {
  organizationId: string;
  projectId: string;
  environment: EnvironmentName;
}

/**
 * Deploys the app that is up once more from its own commit, because its variables changed under it. Does nothing
 * where none is up, where another change is on its way, which brings the new variables or is looked at when it ends,
 * or where it could not succeed.
 */
export async function redeployLive(ctx: Ctx, tx: TenantTx, { organizationId, projectId, environment }: Changed): Promise<void> {
  // In the order of every verb that deploys: the project first, then its service.
  const [project] = await tx.query<{ status: string }>('select status from projects where organization_id = $1 and id = $2 for update', [organizationId, projectId]);
  if (project?.status !== 'ready' || (await findConnection(tx, organizationId)) === null) return;
  const service = await lockService(tx, organizationId, projectId, environment);
  if (service === null || service.busy) return;
  const [live] = await tx.query<{ id: string }>(
    `select id from deployments where organization_id = $1 and service_id = $2 and status in ('SUCCESS', 'SLEEPING') and not stopped order by id desc limit 1`,
    [organizationId, service.id],
  );
  if (live === undefined) return;
  await beginDeployment(ctx, tx, { organizationId, service, kind: 'redeploy', of: await getDeploymentById(tx, organizationId, live.id), counted: false });
}

/** States in which an app may still start, or start again, with the variables that it was given. */
const mayRun = `('QUEUED', 'WAITING', 'INITIALIZING', 'BUILDING', 'DEPLOYING', 'NEEDS_APPROVAL', 'CRASHED', 'PREPARING')`;

/** The environment whose app runs with a key, or may come up with it; null when none does. `tries` are deployments since the key was replaced. */
export async function environmentRunningWith(tx: TenantTx, organizationId: string, keyRowId: string): Promise<{ environment: EnvironmentName; tries: number } | null> {
  const [row] = await tx.query<{ environment: EnvironmentName; tries: number }>(
    `select s.environment, (select count(*)::int from deployments t join appwrite_keys k on k.organization_id = t.organization_id and k.id = $2
                              join appwrite_keys r on r.organization_id = k.organization_id and r.id = k.replaced_by
                             where t.organization_id = d.organization_id and t.service_id = d.service_id and t.kind <> 'external' and t.created_at >= r.created_at) as tries
       from deployments d join services s on s.organization_id = d.organization_id and s.id = d.service_id
      where d.organization_id = $1 and d.appwrite_key_row_id = $2 and s.removed_at is null and not d.stopped
        and (d.status in ${mayRun} or d.status in ('SUCCESS', 'SLEEPING')
             and not exists (select from deployments n where n.organization_id = d.organization_id and n.service_id = d.service_id and n.id > d.id and n.status in ('SUCCESS', 'SLEEPING') and not n.stopped))
      limit 1`,
    [organizationId, keyRowId],
  );
  return row ?? null;
}
