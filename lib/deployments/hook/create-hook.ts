import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { hashToken, newToken } from '@/lib/kernel/ids';
import { getProjectRow } from '@/lib/projects/internal';
import { audit } from '@/lib/trust/audit/record';

/** Where Railway calls; the address is the secret, and comes with this answer only. */
export const HookView = z.object({ url: z.string() });

export type HookView = z.infer<typeof HookView>;

/** Below the API, and in front of the secret. */
export const hookPath = '/api/hooks/railway';

/** Makes the address that a project's webhook at Railway calls, in the place of the one before. */
export async function createHook(ctx: Ctx, project: string): Promise<HookView> {
  const token = newToken();
  return within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const { organizationId } = access;
    const row = await getProjectRow(tx, access, project);
    const [kept] = await tx.query('update railway_projects set hook_hash = $3 where organization_id = $1 and project_id = $2 returning 1', [
      organizationId, row.id, hashToken(token).toString('hex'),
    ]);
    if (kept === undefined) throw new AppError('conflict', 'This project has nothing at Railway yet. Deploy it first.');
    await audit(ctx, tx, { organizationId, action: 'railway.hook_created', target: { kind: 'project', id: row.public_id, name: row.name } });
    return { url: `${ctx.baseUrl}${hookPath}/${token}` };
  });
}
