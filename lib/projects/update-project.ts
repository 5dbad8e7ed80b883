import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { changesBetween } from '@/lib/trust/audit/changes';
import { audit } from '@/lib/trust/audit/record';
import { getProjectRow, lockProjectRow, toProjectView } from './internal';
import { startRename } from './lifecycle/start-rename';
import { UpdateProject, type ProjectView } from './schemas';
import { demandRenamable } from './states';

/** Changes name or framework; what is not named stays. A new name follows at Appwrite by itself. */
export async function updateProject(ctx: Ctx, project: string, raw: unknown): Promise<ProjectView> {
  const input = parseInput(UpdateProject, raw);
  return within(ctx, { project }, 'project:update', async (tx, access) => {
    const before = await lockProjectRow(tx, access, project);
    demandRenamable(before.status);
    const { organizationId } = access;
    await tx.query(`update projects set name = $3, framework = $4, updated_at = now() where organization_id = $1 and id = $2`, [
      organizationId, before.id, input.name ?? before.name, input.framework ?? before.framework,
    ]);
    const after = await getProjectRow(tx, access, project);
    const changes = changesBetween(before, after, ['name', 'framework']);
    if (after.name !== before.name && after.status === 'ready') await startRename(ctx, tx, { organizationId, projectId: after.id });
    await audit(ctx, tx, { organizationId, action: 'project.updated', target: { kind: 'project', id: after.public_id, name: after.name }, changes });
    await notify(tx, { kind: 'project', organization_id: organizationId, project_id: after.id });
    return toProjectView(after, access);
  });
}
