import type { Railway } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { getProjectRow } from '@/lib/projects/internal';
import { openConnection } from './connection/stored-connection';
import { getDeploymentRow, type DeploymentRow } from './stored-deployments';

export interface AtRailway {
  organizationId: string;
  row: DeploymentRow;
  railwayId: string;
  railway: Railway;
}

/** A deployment that Railway has, with the way to ask about it. */
export async function deploymentAtRailway(ctx: Ctx, project: string, deployment: string, right: 'deployment:read' | 'deployment:write'): Promise<AtRailway> {
  return within(ctx, { project }, right, async (tx, access) => {
    const { id: projectId } = await getProjectRow(tx, access, project);
    const row = await getDeploymentRow(tx, access, projectId, deployment);
    if (row.railway_deployment_id === null) throw new AppError('conflict', 'Railway does not have this deployment yet. Wait a moment.');
    const { token } = await openConnection(ctx, tx, access.organizationId);
    return { organizationId: access.organizationId, row, railwayId: row.railway_deployment_id, railway: ctx.railway.withToken(token) };
  });
}
