import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { invalid } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import { getProjectRow, lockProjectRow, toProjectView } from './internal';
import { startSaga } from '@/lib/sagas/start';
import { endRename } from './lifecycle/start-rename';
import { DeleteProject, type ProjectView } from './schemas';
import { demandTransition } from './states';

/** How long a deleted project can be restored. */
export const restorableDays = 30;

/**
 * Deletes a project so that it can be restored for 30 days: its data stays, its keys lose all scopes. The name
 * has to be typed as confirmation.
 */
export async function deleteProject(ctx: Ctx, project: string, raw: unknown): Promise<ProjectView> {
  const { confirm_name: typed } = parseInput(DeleteProject, raw);
  return within(ctx, { project }, 'project:delete', async (tx, access) => {
    const row = await lockProjectRow(tx, access, project);
    if (typed.trim().normalize('NFC') !== row.name) throw invalid('/confirm_name', 'This is not the name of the project. Type it exactly as it is shown.');
    demandTransition(row.status, 'deleted');
    const { organizationId } = access;
    await tx.query(
      `update projects set status = 'deleted', deleted_at = now(), deleted_by = $3, updated_at = now(),
          restorable_until = now() + $4 * interval '1 day' where organization_id = $1 and id = $2`,
      [organizationId, row.id, actorId(ctx.actor), restorableDays],
    );
    await endRename(tx, { organizationId, projectId: row.id });
    if (row.status === 'ready') await startSaga(ctx, tx, { organizationId, projectId: row.id, kind: 'silence' });
    await audit(ctx, tx, { organizationId, action: 'project.deleted', target: { kind: 'project', id: row.public_id, name: row.name } });
    await emitEvent(ctx, tx, { organizationId, type: 'project.deleted', data: { project: { id: row.public_id, name: row.name } } });
    await notify(tx, { kind: 'project', organization_id: organizationId, project_id: row.id });
    return toProjectView(await getProjectRow(tx, access, project), access);
  });
}
