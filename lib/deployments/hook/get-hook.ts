import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getProjectRow } from '@/lib/projects/internal';
import { HookAnswer } from './schemas';

/** Whether Railway has an address to call for this project, and since when. The address itself is shown to nobody again. */
export async function getHook(ctx: Ctx, project: string): Promise<HookAnswer> {
  return within(ctx, { project }, 'deployment:read', async (tx, access) => {
    const { id } = await getProjectRow(tx, access, project);
    const [row] = await tx.query<{ created_at: Date | null }>(
      'select hook_created_at as created_at from railway_projects where organization_id = $1 and project_id = $2 and hook_hash is not null',
      [access.organizationId, id],
    );
    return HookAnswer.parse({ hook: row === undefined ? null : { created_at: row.created_at?.toISOString() ?? null } });
  });
}
