import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';
import { lockProjectRow } from './internal';
import { each } from '@/lib/kernel/each';
import { startSaga } from '@/lib/sagas/start';
import { canBecome } from './states';

/** Projects of one run; the rest waits for the next. */
const atOnce = 100;

/** Begins the removal of every project whose time for restoring is over. Answers how many. */
export async function purgeProjects(ctx: Ctx): Promise<number> {
  const due = await asSystem(ctx, 'reconcile', (tx) =>
    tx.query<{ organization_id: string; public_id: string }>(
      `select organization_id, public_id from projects where status = 'deleted' and restorable_until < now() order by restorable_until limit $1`,
      [atOnce],
    ),
  );
  return each(ctx, 'begin to purge a project', due, ({ organization_id: organizationId, public_id: project }) => purgeProject(ctx, organizationId, project));
}

async function purgeProject(ctx: Ctx, organizationId: string, project: string): Promise<void> {
  await within(ctx, { organizationId }, 'project:delete', async (tx, access) => {
    const row = await lockProjectRow(tx, access, project);
    if (row.restorable || row.restorable_until === null || !canBecome(row.status, 'purging')) return;
    await tx.query(`update projects set status = 'purging', updated_at = now() where organization_id = $1 and id = $2`, [organizationId, row.id]);
    await startSaga(ctx, tx, { organizationId, projectId: row.id, kind: 'purge' });
    await audit(ctx, tx, { organizationId, action: 'project.purge_started', target: { kind: 'project', id: row.public_id, name: row.name } });
    await notify(tx, { kind: 'project', organization_id: organizationId, project_id: row.id });
  });
}
