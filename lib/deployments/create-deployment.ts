import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError, invalid } from '@/lib/kernel/errors';
import { newPublicId } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { lockEnvironment } from '@/lib/projects/env/stored-variables';
import { lockProjectRow, type ProjectRow } from '@/lib/projects/internal';
import { demandReady } from '@/lib/projects/states';
import { beginDeployment } from './begin-deployment';
import { openConnection } from './connection/stored-connection';
import { CreateDeployment, type DeploymentView } from './schemas';
import type { Source } from './service/source';
import { lockService, sourceColumns, type ServiceRow } from './service/stored-service';
import { toDeploymentView } from './stored-deployments';

/** Deploys an app into an environment: from a new source, or again from the one it has. Answers at once; the rest is followed by its state. */
export async function createDeployment(ctx: Ctx, project: string, raw: unknown): Promise<DeploymentView> {
  const { environment, source, version } = parseInput(CreateDeployment, raw);
  if (source?.kind === 'example' && ctx.railway.exampleRepository === null) throw invalid('/source/kind', 'The example is not offered here. Name a repository or an image.');
  return within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const row = await lockProjectRow(tx, access, project);
    demandReady(row.status);
    const { organizationId } = access;
    const [{ workspaceId }, home] = await Promise.all([openConnection(ctx, tx, organizationId), lockEnvironment(tx, organizationId, row.id, environment)]);
    if (version !== undefined && version !== home.version) throw new AppError('conflict', 'Somebody changed the variables meanwhile. Look at them again, then deploy.');
    const [existing] = await Promise.all([lockService(tx, organizationId, row.id, environment), keepRailwayProject(tx, organizationId, row, workspaceId)]);
    if (source === undefined && existing === null) throw invalid('/source', 'Nothing is deployed here yet. Say what: a repository, an image or the example.');
    if (existing === null) await insertService(ctx, tx, { organizationId, row, environmentId: home.id, environment, source });
    else if (source !== undefined) await updateSource(ctx, tx, organizationId, existing, source);
    const service = await lockService(tx, organizationId, row.id, environment);
    if (service === null) throw new Error('the service was not written');
    return toDeploymentView(await beginDeployment(ctx, tx, { organizationId, service, kind: 'deploy' }));
  });
}

/** The name is kept before anything is made, so that a project whose making was answered to nobody is found by it. */
async function keepRailwayProject(tx: TenantTx, organizationId: string, { id, public_id: publicId }: ProjectRow, workspaceId: string): Promise<void> {
  const [kept] = await tx.query<{ workspace_id: string }>(
    `insert into railway_projects as known (organization_id, project_id, workspace_id, name) values ($1, $2, $3, $4)
     on conflict (organization_id, project_id) do update set workspace_id = case when known.railway_project_id is null then excluded.workspace_id else known.workspace_id end
     returning workspace_id`,
    [organizationId, id, workspaceId, `studio-${publicId.slice(publicId.indexOf('_') + 1)}`],
  );
  if (kept?.workspace_id !== workspaceId) throw new AppError('conflict', 'This project is deployed in another workspace of Railway. Connect that one again, or remove its apps there first.');
}

interface NewService {
  organizationId: string;
  row: ProjectRow;
  environmentId: string;
  environment: ServiceRow['environment'];
  source: Source | undefined;
}

async function insertService(ctx: Ctx, tx: TenantTx, { organizationId, row, environmentId, environment, source }: NewService): Promise<void> {
  if (source === undefined) return;
  const publicId = newPublicId('service');
  // One that was removed before may still be leaving, under its own name.
  const railwayName = `${environment === 'production' ? 'app' : environment}-${publicId.slice(-6)}`;
  await tx.query(
    `insert into services (organization_id, public_id, project_id, environment_id, environment, railway_name, created_by,
        source_kind, source, branch, root_directory, build_command, start_command, healthcheck_path)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [organizationId, publicId, row.id, environmentId, environment, railwayName, actorId(ctx.actor), ...sourceColumns(source, ctx.railway.exampleRepository)],
  );
}

async function updateSource(ctx: Ctx, tx: TenantTx, organizationId: string, { id }: ServiceRow, source: Source): Promise<void> {
  await tx.query(
    `update services set source_kind = $3, source = $4, branch = $5, root_directory = $6, build_command = $7, start_command = $8, healthcheck_path = $9, updated_at = now()
      where organization_id = $1 and id = $2`,
    [organizationId, id, ...sourceColumns(source, ctx.railway.exampleRepository)],
  );
}
