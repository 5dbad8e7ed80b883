import { withoutTenant } from '@/db/platform/client';
import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { hashToken } from '@/lib/kernel/ids';

/**
 * Railway says that something happened. What it says is not read: the call only makes a job look at Railway itself,
 * once, however often it comes. `ctx` acts for the reconciler. Answers false for a secret that nobody has.
 */
export async function hearHook(ctx: Ctx, token: string): Promise<boolean> {
  const hash = hashToken(token).toString('hex');
  const [found] = await withoutTenant(ctx.database, (tx) => tx.query<{ id: string | null }>(`select studio.locate('railway_hook', $1) as id`, [hash]));
  if (found?.id == null) return false;
  await within(ctx, { organizationId: found.id }, 'deployment:write', async (tx, { organizationId }) => {
    const services = await tx.query<{ id: string }>(
      `select s.id from services s join railway_projects r on r.organization_id = s.organization_id and r.project_id = s.project_id
        where s.organization_id = $1 and r.hook_hash = $2 and s.removed_at is null and s.railway_service_id is not null`,
      [organizationId, hash],
    );
    for (const { id } of services) await enqueue(tx, 'refresh-service', { service_id: id }, { jobKey: `refresh:${id}` });
  });
  return true;
}
