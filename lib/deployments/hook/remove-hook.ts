import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { notFound } from '@/lib/kernel/errors';
import { getProjectRow } from '@/lib/projects/internal';
import { audit } from '@/lib/trust/audit/record';

/** Nobody is heard at the address any more. Studio goes on looking at Railway by itself. */
export async function removeHook(ctx: Ctx, project: string): Promise<void> {
  await within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const { organizationId } = access;
    const row = await getProjectRow(tx, access, project);
    const [removed] = await tx.query(
      'update railway_projects set hook_hash = null, hook_created_at = null where organization_id = $1 and project_id = $2 and hook_hash is not null returning 1',
      [organizationId, row.id],
    );
    if (removed === undefined) throw notFound('address');
    await audit(ctx, tx, { organizationId, action: 'railway.hook_removed', target: { kind: 'project', id: row.public_id, name: row.name } });
  });
}
