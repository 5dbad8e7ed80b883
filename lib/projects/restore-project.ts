import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { audit } from '@/lib/trust/audit/record';
import { demandRoom } from '@/lib/trust/usage/plan-limits';
import { emitEvent } from '@/lib/webhooks/emit';
import { countProjects } from './count-projects';
import { getProjectRow, lockProjectRow, toProjectView } from './internal';
import { startSaga } from '@/lib/sagas/start';
import type { ProjectView } from './schemas';
import { demandTransition } from './states';

/** Takes a deletion back while that is possible; the keys get their scopes again before the project is ready. */
export async function restoreProject(ctx: Ctx, project: string): Promise<ProjectView> {
  return within(ctx, { project }, 'project:delete', async (tx, access) => {
    const row = await lockProjectRow(tx, access, project);
    demandTransition(row.status, 'restoring');
    const hasLived = row.ready_at !== null;
    if (!row.restorable) {
      throw new AppError('gone', 'The time for restoring this project is over. Its data is being removed.');
    }
    const { organizationId } = access;
    if (hasLived) {
      await tx.query(`update projects set status = 'restoring', updated_at = now() where organization_id = $1 and id = $2`, [organizationId, row.id]);
      await startSaga(ctx, tx, { organizationId, projectId: row.id, kind: 'restore' });
    } else {
      await tx.query(
        `update projects set status = 'failed', deleted_at = null, deleted_by = null, restorable_until = null, updated_at = now()
          where organization_id = $1 and id = $2`,
        [organizationId, row.id],
      );
      await emitEvent(ctx, tx, { organizationId, type: 'project.restored', data: { project: { id: row.public_id, name: row.name, status: 'failed' } } });
    }
    await audit(ctx, tx, { organizationId, action: 'project.restored', target: { kind: 'project', id: row.public_id, name: row.name } });
    await notify(tx, { kind: 'project', organization_id: organizationId, project_id: row.id });
    await demandRoom(tx, organizationId, 'projects', countProjects);
    return toProjectView(await getProjectRow(tx, access, project), access);
  });
}
