import { withoutTenant } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { hashToken } from '@/lib/kernel/ids';
import { schedule } from '@/lib/sagas/store';
import { lookSoon } from '../look-soon';

/**
 * Railway says that something happened. What it says is not read: the call only makes a job look at Railway itself,
 * once, however often it comes: the saga that follows a deployment, or one that looks at what nobody follows. `ctx`
 * acts for the reconciler. Answers false for a secret that nobody has.
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
    for (const { id } of services) await lookSoon(tx, id);
    // Only those that wait for the next look: one that failed waits for as long as it was told to.
    const looking = await tx.query<{ id: string }>(
      `select g.id from sagas g join saga_steps t on t.organization_id = g.organization_id and t.saga_id = g.id
        where g.organization_id = $1 and g.service_id = any($2) and g.state = 'running' and t.state = 'running' and t.next_attempt_at is not null`,
      [organizationId, services.map(({ id }) => id)],
    );
    for (const { id } of looking) await schedule(tx, id);
  });
  return true;
}
