import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { hashToken, newToken } from '@/lib/kernel/ids';
import { getProjectRow } from '@/lib/projects/internal';
import { audit } from '@/lib/trust/audit/record';
import { NewHook } from './schemas';

/** Below the API, and in front of the secret. */
export const hookPath = '/api/hooks/railway';

/** Makes the address that a project's webhook at Railway calls, in the place of the one before. */
export async function createHook(ctx: Ctx, project: string): Promise<NewHook> {
  const token = newToken();
  return within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const { organizationId } = access;
    const row = await getProjectRow(tx, access, project);
    const [kept] = await tx.query<{ replaced: boolean; created_at: Date }>(
      `update railway_projects set hook_hash = $3, hook_created_at = now() where organization_id = $1 and project_id = $2
       returning old.hook_hash is not null as replaced, hook_created_at as created_at`,
      [organizationId, row.id, hashToken(token).toString('hex')],
    );
    if (kept === undefined) throw new AppError('conflict', 'This project has nothing at Railway yet. Deploy it first.');
    await audit(ctx, tx, {
      organizationId,
      action: kept.replaced ? 'railway.hook_replaced' : 'railway.hook_created',
      target: { kind: 'project', id: row.public_id, name: row.name },
    });
    return NewHook.parse({ url: `${ctx.baseUrl}${hookPath}/${token}`, created_at: kept.created_at.toISOString() });
  });
}
