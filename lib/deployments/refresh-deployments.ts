import { railwayFailureOf } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import type { TenantTx } from '@/db/platform/client';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { each } from '@/lib/kernel/each';
import { openConnectionIfAny } from './connection/stored-connection';
import { keepLogs } from './log/keep-logs';
import { lookSoon } from './look-soon';
import { looked, recordListed } from './record-listed';
import { getServiceById, lockServiceById, placeAtRailway } from './service/stored-service';
import { getDeploymentById } from './stored-deployments';

/** Railway counts every request, so apps that nobody touches are looked at seldom. */
const staleMinutes = 5;
const atOnce = 50;

/** Asks a job for each service whose newest deployment has not been seen for a while: they crash, sleep and are removed at Railway too. */
export async function refreshStale(ctx: Ctx): Promise<number> {
  const stale = await asSystem(ctx, 'reconcile', (tx) =>
    tx.query<{ organization_id: string; service_id: string }>(
      `select d.organization_id, d.service_id, min(coalesce(d.seen_at, 'epoch')) as seen from deployments d
        where d.railway_deployment_id is not null and d.status not in ('PREPARING', 'REMOVED', 'SKIPPED')
          and (d.status <> 'FAILED' or d.finished_at > now() - interval '1 day')
          and (d.seen_at is null or d.seen_at < now() - $1 * interval '1 minute')
        group by 1, 2 order by seen limit $2`,
      [staleMinutes, atOnce],
    ),
  );
  return each(ctx, 'ask for a look at a deployment', stale, ({ organization_id: organizationId, service_id: serviceId }) =>
    within(ctx, { organizationId }, 'lease:hold', (tx) => lookSoon(tx, serviceId)),
  );
}

/** Writes down what Railway says of the last deployments of a service. Does nothing where it cannot be asked, or while a saga follows one itself. */
export async function refreshService(ctx: Ctx, organizationId: string, serviceId: string): Promise<void> {
  const found = await within(ctx, { organizationId }, 'deployment:write', async (tx) => {
    // First of all, so that what cannot be asked is not the first to be asked again.
    await tx.query('update deployments set seen_at = clock_timestamp() where organization_id = $1 and service_id = $2', [organizationId, serviceId]);
    const service = await getServiceById(tx, organizationId, serviceId);
    const at = placeAtRailway(service);
    if (service.busy || service.removed || at === null) return null;
    const connection = await openConnectionIfAny(ctx, tx, organizationId);
    return connection === null ? null : { at, railway: ctx.railway.withToken(connection.token), newest: await newestSaga(tx, organizationId, serviceId) };
  });
  if (found === null) return;
  const { at, railway, newest: newestThen } = found;
  const deployments = await railway.listDeployments({ ...at, limit: looked });
  await within(ctx, { organizationId }, 'deployment:write', async (tx) => {
    const service = await lockServiceById(tx, organizationId, serviceId);
    // What began meanwhile, and may have ended, knows better than a list that was read before.
    if (service.removed || (await newestSaga(tx, organizationId, serviceId)) !== newestThen) return;
    await recordListed(ctx, tx, { organizationId, service, deployments });
    const [newest] = deployments;
    if (newest?.status === 'SUCCESS' && newest.url !== null) await tx.query('update services set url = $3 where organization_id = $1 and id = $2', [organizationId, serviceId, newest.url]);
  });
}

async function newestSaga(tx: TenantTx, organizationId: string, serviceId: string): Promise<string | undefined> {
  const [saga] = await tx.query<{ id: string }>('select id from sagas where organization_id = $1 and service_id = $2 order by id desc limit 1', [organizationId, serviceId]);
  return saga?.id;
}

/** Keeps the last lines of a deployment as Railway has them now. Does nothing where it cannot be asked. */
export async function keepLogsOf(ctx: Ctx, organizationId: string, deploymentId: string): Promise<void> {
  const found = await within(ctx, { organizationId }, 'deployment:read', async (tx) => {
    const { railway_deployment_id: railwayId } = await getDeploymentById(tx, organizationId, deploymentId);
    const connection = await openConnectionIfAny(ctx, tx, organizationId);
    return railwayId === null || connection === null ? null : { railwayId, railway: ctx.railway.withToken(connection.token) };
  });
  if (found === null) return;
  await keepLogs(ctx, found.railway, { organizationId, deploymentId, railwayId: found.railwayId }).catch((error: unknown) => {
    const kind = railwayFailureOf(error)?.kind;
    if (kind !== 'not_found' && kind !== 'unauthorized') throw error;
  });
}
