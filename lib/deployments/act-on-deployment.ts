import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { audit } from '@/lib/trust/audit/record';
import type { Action } from '@/lib/trust/audit/actions';
import { deploymentAtRailway } from './at-railway';
import { askingRailway } from './railway-errors';
import type { DeploymentView } from './schemas';
import { getDeploymentById, recordSeen, toDeploymentView } from './stored-deployments';

type Act = 'restart' | 'stop' | 'cancel';

const past = { restart: 'deployment.restarted', stop: 'deployment.stopped', cancel: 'deployment.cancelled' } as const satisfies Record<Act, Action>;

const refusals: Record<Act, string> = {
  restart: 'Only the deployment that is up can be restarted. Deploy again instead.',
  stop: 'Only the deployment that is up can be stopped.',
  cancel: 'Only a deployment that is on its way can be cancelled.',
};

/** Ends the app's process and starts it again from the same build, with the variables that it had. */
export const restartDeployment = (ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> => act(ctx, project, deployment, 'restart');

/** Ends the app; its address answers nothing until it is deployed again. */
export const stopDeployment = (ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> => act(ctx, project, deployment, 'stop');

/** Gives a deployment up that is not up yet; the one before goes on. */
export const cancelDeployment = (ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> => act(ctx, project, deployment, 'cancel');

/** Asks Railway at once, and answers what it says then. Written down after Railway has done it, so that nothing is shown that has not happened. */
async function act(ctx: Ctx, project: string, deployment: string, what: Act): Promise<DeploymentView> {
  const { organizationId, row, railway, railwayId } = await deploymentAtRailway(ctx, project, deployment, 'deployment:write');
  if (!toDeploymentView(row).can[what]) throw new AppError('conflict', refusals[what]);
  await askingRailway('deployment', railway[what](railwayId));
  const seen = await askingRailway('deployment', railway.getDeployment(railwayId));
  return within(ctx, { project }, 'deployment:write', async (tx) => {
    await recordSeen(tx, { organizationId, projectId: row.project_id, id: row.id }, seen);
    await audit(ctx, tx, { organizationId, action: past[what], target: { kind: 'deployment', id: row.public_id, name: `${row.project_name} #${row.number}` } });
    return toDeploymentView(await getDeploymentById(tx, organizationId, row.id));
  });
}
