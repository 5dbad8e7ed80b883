import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { beginDeployment } from './begin-deployment';
import { lockService } from './service/stored-service';
import { getDeploymentById } from './stored-deployments';

interface Changed {
  organizationId: string;
  projectId: string;
  environment: EnvironmentName;
}

/**
 * Deploys the app that is up once more from its own commit, because its variables changed under it. Does nothing
 * where none is up; while another change is on its way it begins nothing either, and answers false.
 */
export async function redeployLive(ctx: Ctx, tx: TenantTx, { organizationId, projectId, environment }: Changed): Promise<boolean> {
  const service = await lockService(tx, organizationId, projectId, environment);
  if (service === null) return true;
  const [live] = await tx.query<{ id: string }>(
    `select id from deployments where organization_id = $1 and service_id = $2 and status in ('SUCCESS', 'SLEEPING') and not stopped order by number desc limit 1`,
    [organizationId, service.id],
  );
  if (live === undefined) return true;
  if (service.busy) return false;
  await beginDeployment(ctx, tx, { organizationId, service, kind: 'redeploy', of: await getDeploymentById(tx, organizationId, live.id), counted: false });
  return true;
}

/** The environment whose running app was started with a key; null when none runs with it. */
export async function environmentRunningWith(tx: TenantTx, organizationId: string, keyRowId: string): Promise<EnvironmentName | null> {
  const [row] = await tx.query<{ environment: EnvironmentName }>(
    `select s.environment from deployments d join services s on s.organization_id = d.organization_id and s.id = d.service_id
      where d.organization_id = $1 and d.appwrite_key_row_id = $2 and d.status in ('SUCCESS', 'SLEEPING') and not d.stopped and s.removed_at is null
        and not exists (select from deployments n where n.organization_id = d.organization_id and n.service_id = d.service_id and n.number > d.number and n.status in ('SUCCESS', 'SLEEPING') and not n.stopped)
      limit 1`,
    [organizationId, keyRowId],
  );
  return row?.environment ?? null;
}
