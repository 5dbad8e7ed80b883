import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';
import { abandonAttempt, beginAttempt } from './attempt/abandon';
import { getProjectRow, lockProjectRow, toProjectView } from './internal';
import { startSaga } from '@/lib/sagas/start';
import type { ProjectView } from './schemas';
import { demandTransition } from './states';

/**
 * Sets a project up again that failed or is stuck, under an id that Appwrite has never seen; what the last
 * attempt left behind is removed meanwhile. Asking twice starts once.
 */
export async function retryProject(ctx: Ctx, project: string): Promise<ProjectView> {
  return within(ctx, { project }, 'project:retry', async (tx, access) => {
    const row = await lockProjectRow(tx, access, project);
    if (row.status === 'requested' || row.status === 'provisioning') return toProjectView(row, access);
    demandTransition(row.status, 'requested');
    const attempt = { organizationId: access.organizationId, projectId: row.id };
    await tx.query(`update projects set status = 'requested', updated_at = now() where organization_id = $1 and id = $2`, [access.organizationId, row.id]);
    await abandonAttempt(tx, attempt, 'maybe');
    await beginAttempt(tx, attempt);
    await startSaga(ctx, tx, { ...attempt, kind: 'provision' });
    await audit(ctx, tx, { organizationId: access.organizationId, action: 'project.retried', target: { kind: 'project', id: row.public_id, name: row.name } });
    await notify(tx, { kind: 'project', organization_id: access.organizationId, project_id: row.id });
    return toProjectView(await getProjectRow(tx, access, project), access);
  });
}
