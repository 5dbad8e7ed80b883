import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { within, type Access } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { newAppwriteId, newPublicId, newUuid } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { demandRoom } from '@/lib/trust/usage/plan-limits';
import { emitEvent } from '@/lib/webhooks/emit';
import { countProjects } from './count-projects';
import { getProjectRow, toProjectView, whereOf } from './internal';
import { startSaga } from '@/lib/sagas/start';
import { CreatedProject, CreateProject } from './schemas';

/**
 * Writes down that the project is wanted, with the id that it will have at Appwrite, and answers at once; the
 * provisioning saga does the rest. `quota_exceeded` when the plan is full.
 */
export async function createProject(ctx: Ctx, raw: unknown): Promise<CreatedProject> {
  const input = parseInput(CreateProject, raw);
  return within(ctx, whereOf(ctx, input.organization_id), 'project:create', async (tx, access) => {
    if (access.onlyProjectId !== null) throw new AppError('forbidden', 'This key is limited to one project and cannot create others.', { right: 'project:create' });
    const publicId = await insertIntent(ctx, tx, access, input);
    const [row] = await Promise.all([getProjectRow(tx, access, publicId), demandRoom(tx, access.organizationId, 'projects', countProjects)]);
    const view = toProjectView(row, access);
    return CreatedProject.parse({ ...view, project_id: view.id });
  });
}

async function insertIntent(
  ctx: Ctx,
  tx: TenantTx,
  { organizationId }: Access,
  { name, framework, hostname, backend }: { name: string; framework: string; hostname: string | null; backend: string },
): Promise<string> {
  const projectId = newUuid(ctx.clock.now().getTime());
  const publicId = newPublicId('project');
  const databaseId = newUuid(ctx.clock.now().getTime());
  // Sent in one go, and run in this order: the answer waits for one round trip instead of ten.
  await Promise.all([
    tx.query(
      `insert into projects (organization_id, id, public_id, name, framework, hostname, created_by) values ($1, $2, $3, $4, $5, $6, $7)`,
      [organizationId, projectId, publicId, name, framework, hostname, actorId(ctx.actor)],
    ),
    tx.query(`insert into platform_databases (organization_id, id, public_id, project_id, kind) values ($1, $2, $3, $4, $5)`, [
      organizationId, databaseId, newPublicId('platformDatabase'), projectId, backend,
    ]),
    tx.query(
      `insert into appwrite_projects (organization_id, project_id, platform_database_id, attempt, appwrite_project_id) values ($1, $2, $3, 1, $4)`,
      [organizationId, projectId, databaseId, newAppwriteId()],
    ),
    startSaga(ctx, tx, { organizationId, projectId, kind: 'provision' }),
    audit(ctx, tx, { organizationId, action: 'project.created', target: { kind: 'project', id: publicId, name } }),
    emitEvent(ctx, tx, { organizationId, type: 'project.created', data: { project: { id: publicId, name } } }),
    notify(tx, { kind: 'project', organization_id: organizationId, project_id: projectId }),
  ]);
  return publicId;
}
