import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { each } from '@/lib/kernel/each';
import { findConnection, openConnection } from './connection/stored-connection';
import { getServiceById } from './service/stored-service';
import { recordSeen } from './stored-deployments';

/** Railway counts every request, so apps that nobody touches are looked at seldom. */
const staleMinutes = 5;
const atOnce = 50;
const looked = 20;

/** Looks again at services whose newest deployment has not been seen for a while: they crash, sleep and are removed at Railway too. */
export async function refreshStale(ctx: Ctx): Promise<number> {
  const stale = await asSystem(ctx, 'reconcile', (tx) =>
    tx.query<{ organization_id: string; service_id: string }>(
      `select distinct on (d.organization_id, d.service_id) d.organization_id, d.service_id from deployments d
        where d.railway_deployment_id is not null and d.status in ('SUCCESS', 'SLEEPING', 'CRASHED', 'REMOVING', 'NEEDS_APPROVAL')
          and (d.seen_at is null or d.seen_at < now() - $1 * interval '1 minute')
        limit $2`,
      [staleMinutes, atOnce],
    ),
  );
  return each(ctx, 'look at a deployment again', stale, ({ organization_id: organizationId, service_id: serviceId }) => refreshService(ctx, organizationId, serviceId));
}

/** Writes down what Railway says of the last deployments of a service. Does nothing where it cannot be asked. */
export async function refreshService(ctx: Ctx, organizationId: string, serviceId: string): Promise<void> {
  const found = await within(ctx, { organizationId }, 'deployment:read', async (tx) => {
    const service = await getServiceById(tx, organizationId, serviceId);
    const { railway_project_id: projectId, railway_service_id: railwayServiceId, railway_environment_id: environmentId } = service;
    if (projectId === null || railwayServiceId === null || environmentId === null || (await findConnection(tx, organizationId)) === null) return null;
    const { token } = await openConnection(ctx, tx, organizationId);
    return { service, at: { projectId, serviceId: railwayServiceId, environmentId }, railway: ctx.railway.withToken(token) };
  });
  if (found === null) return;
  const listed = await found.railway.listDeployments({ ...found.at, limit: looked });
  await within(ctx, { organizationId }, 'deployment:write', async (tx) => {
    const rows = await tx.query<{ id: string; railway_deployment_id: string }>(
      `select id, railway_deployment_id from deployments where organization_id = $1 and service_id = $2 and railway_deployment_id is not null and status <> 'PREPARING'`,
      [organizationId, serviceId],
    );
    const seen = new Map(listed.map((deployment) => [deployment.id, deployment]));
    for (const row of rows) {
      const now = seen.get(row.railway_deployment_id);
      if (now !== undefined) await recordSeen(tx, { organizationId, projectId: found.service.project_id, id: row.id }, now);
    }
    // What Railway no longer lists is not asked for again at once.
    await tx.query('update deployments set seen_at = clock_timestamp() where organization_id = $1 and service_id = $2', [organizationId, serviceId]);
  });
}
