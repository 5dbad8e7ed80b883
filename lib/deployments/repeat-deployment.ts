import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { lockProjectRow } from '@/lib/projects/internal';
import { demandReady } from '@/lib/projects/states';
import { beginDeployment } from './begin-deployment';
import { openConnection } from './connection/stored-connection';
import type { DeploymentView } from './schemas';
import { lockService } from './service/stored-service';
import { getDeploymentRow, toDeploymentView } from './stored-deployments';

/** Deploys the same commit again, with the variables as they are now. */
export function redeploy(ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> {
  return repeat(ctx, project, deployment, 'redeploy');
}

/** Goes back to the build and the variables of an earlier deployment; the key among them is the current one. */
export function rollback(ctx: Ctx, project: string, deployment: string): Promise<DeploymentView> {
  return repeat(ctx, project, deployment, 'rollback');
}

const refusals = {
  redeploy: 'Railway does not offer to deploy this one again. Deploy from the source instead.',
  rollback: 'Railway does not offer to go back to this one: it keeps builds for a while only. Choose a later one, or deploy from the source.',
};

async function repeat(ctx: Ctx, project: string, deployment: string, kind: 'redeploy' | 'rollback'): Promise<DeploymentView> {
  return within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const { organizationId } = access;
    const { id: projectId, status } = await lockProjectRow(tx, access, project);
    demandReady(status);
    await openConnection(ctx, tx, organizationId);
    const of = await getDeploymentRow(tx, access, projectId, deployment);
    if (!toDeploymentView(of).can[kind]) throw new AppError('conflict', refusals[kind]);
    const service = await lockService(tx, organizationId, projectId, of.environment);
    if (service === null || service.id !== of.service_id) throw new AppError('conflict', 'The app has been removed. Deploy it anew.');
    return toDeploymentView(await beginDeployment(ctx, tx, { organizationId, service, kind, of }));
  });
}
