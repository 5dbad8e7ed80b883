import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { each } from '@/lib/kernel/each';

const restMinutes = 10;
const atOnce = 200;

/** Attempts given up and keys being revoked whose job ended without success: the job is asked for again. */
export async function chaseLeftovers(ctx: Ctx): Promise<{ attempts: number; keys: number }> {
  const { attempts, keys } = await asSystem(ctx, 'reconcile', async (tx) => ({
    attempts: await tx.query<{ organization_id: string; id: string }>(
      `select organization_id, id from appwrite_projects
        where state = 'abandoned' and abandoned_at < now() - $1 * interval '1 minute' and instance_id is not null limit $2`,
      [restMinutes, atOnce],
    ),
    keys: await tx.query<{ organization_id: string; id: string }>(
      `select k.organization_id, k.id from appwrite_keys k
         join appwrite_projects a on a.organization_id = k.organization_id and a.id = k.appwrite_project_row_id
        where a.state = 'live' and k.created_at < now() - $1 * interval '1 minute'
          and (k.state = 'revoking' or k.state = 'live' and k.retire_at < now() - $1 * interval '1 minute' or k.state = 'requested' and k.purpose = 'user')
        limit $2`,
      [restMinutes, atOnce],
    ),
  }));
  return {
    attempts: await each(ctx, 'remove an attempt', attempts, ({ organization_id: organizationId, id }) =>
      within(ctx, { organizationId }, 'project:update', (tx) => enqueue(tx, 'remove-attempt', { attempt_id: id }, { jobKey: `attempt:${id}` })),
    ),
    keys: await each(ctx, 'retire a key', keys, ({ organization_id: organizationId, id }) =>
      within(ctx, { organizationId }, 'key:manage', (tx) => enqueue(tx, 'retire-key', { key_id: id }, { jobKey: `key:${id}` })),
    ),
  };
}
