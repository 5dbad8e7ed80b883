import type { TenantTx } from '@/db/platform/client';
import { railwayFailureOf, type Railway } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { getProjectRow } from '@/lib/projects/internal';
import { schedule } from '@/lib/sagas/store';
import { audit } from '@/lib/trust/audit/record';
import { deploymentTarget } from './announce';
import { openConnection } from './connection/stored-connection';
import { lookSoon } from './look-soon';
import { askingRailway } from './railway-errors';
import type { DeploymentView } from './schemas';
import { getDeploymentById, getDeploymentRow, recordSeen, toDeploymentView, type DeploymentRow } from './stored-deployments';

type Act = 'restart' | 'stop' | 'cancel';

const done = { restart: 'restarted', stop: 'stopped' } as const;

const refusals: Record<Act, string> = {
  restart: 'Only the deployment that is up can be restarted. Deploy again instead.',
  stop: 'Only the deployment that is up can be stopped.',
  cancel: 'Only a deployment that is on its way can be cancelled.',
};

/** Ends the app's process and starts it again from the same build, with the variables that it had. */
export const restartDeployment = (ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> => actAtRailway(ctx, project, deployment, 'restart');

/** Ends the app; its address answers nothing until it is deployed again. */
export const stopDeployment = (ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> => actAtRailway(ctx, project, deployment, 'stop');

/**
 * Gives a deployment up that is not up yet; the one before goes on. The wish is kept: before Railway has the
 * deployment, and when Railway does not answer now, the saga that follows it carries it out.
 */
export async function cancelDeployment(ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> {
  const { organizationId, row, railway } = await wish(ctx, project, deployment, 'cancel');
  if (row.railway_deployment_id !== null) {
    await railway.cancel(row.railway_deployment_id).catch((error: unknown) => notCancelled(ctx, project, row, error));
  }
  // By the right that it was asked for with: a key may hold that one alone.
  return within(ctx, { project }, 'deployment:write', async (tx) => toDeploymentView(await getDeploymentById(tx, organizationId, row.id)));
}

/** Where a saga follows it, it tries again. Else the wish is given up, and the person is told. */
async function notCancelled(ctx: Ctx, project: string, { id, public_id: publicId, kind }: DeploymentRow, error: unknown): Promise<void> {
  const tooLate = railwayFailureOf(error)?.kind === 'refused';
  ctx.log.warn({ err: error, deployment: publicId }, 'could not be cancelled at once');
  if (kind !== 'external' && !tooLate) return;
  await within(ctx, { project }, 'deployment:write', (tx, { organizationId }) => tx.query('update deployments set cancel_requested_at = null where organization_id = $1 and id = $2', [organizationId, id]));
  if (tooLate) throw new AppError('conflict', 'It is too late to cancel this: it has just come up, or failed. Look at its state; one that is up can be stopped.', { cause: error });
  await askingRailway('deployment', Promise.reject(error));
}

/** Asks Railway at once, and answers what it says then. Noted before, so that nothing happens unseen; called done once Railway has done it. */
async function actAtRailway(ctx: Ctx, project: string, deployment: string, what: 'restart' | 'stop'): Promise<DeploymentView> {
  const { organizationId, row, railway } = await wish(ctx, project, deployment, what);
  const { railway_deployment_id: railwayId } = row;
  if (railwayId === null) throw new AppError('conflict', refusals[what]);
  await askingRailway('deployment', railway[what](railwayId));
  const seen = await askingRailway('deployment', railway.getDeployment(railwayId));
  return within(ctx, { project }, 'deployment:write', async (tx) => {
    await recordSeen(tx, { organizationId, projectId: row.project_id, id: row.id }, seen);
    await audit(ctx, tx, { organizationId, action: `deployment.${done[what]}`, target: deploymentTarget(row) });
    return toDeploymentView(await getDeploymentById(tx, organizationId, row.id));
  });
}

interface Wanted {
  organizationId: string;
  row: DeploymentRow;
  railway: Railway;
}

/** Checks that the act can be done, and notes that somebody wants it. */
function wish(ctx: Ctx, project: string, deployment: string, what: Act): Promise<Wanted> {
  return within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const { organizationId } = access;
    const { id: projectId } = await getProjectRow(tx, access, project);
    // What is on its way may just be coming up; from here on it waits for this.
    await tx.query('select from deployments where organization_id = $1 and project_id = $2 and public_id = $3 for update', [organizationId, projectId, deployment]);
    const row = await getDeploymentRow(tx, access, projectId, deployment);
    if (!toDeploymentView(row).can[what]) throw new AppError('conflict', refusals[what]);
    const { token } = await openConnection(ctx, tx, organizationId);
    await audit(ctx, tx, { organizationId, action: `deployment.${what}_requested`, target: deploymentTarget(row) });
    if (what === 'cancel') await keepWish(tx, organizationId, row);
    return { organizationId, row, railway: ctx.railway.withToken(token) };
  });
}

/** Whoever follows it may be waiting for the next look, and comes soon. */
async function keepWish(tx: TenantTx, organizationId: string, row: DeploymentRow): Promise<void> {
  await tx.query('update deployments set cancel_requested_at = clock_timestamp() where organization_id = $1 and id = $2', [organizationId, row.id]);
  if (row.kind === 'external') return lookSoon(tx, row.service_id, 1_000);
  const sagas = await tx.query<{ id: string }>(
    `select id from sagas where organization_id = $1 and service_id = $2 and state = 'running' and input->>'deployment_id' = $3`,
    [organizationId, row.service_id, row.id],
  );
  for (const { id } of sagas) await schedule(tx, id);
}
