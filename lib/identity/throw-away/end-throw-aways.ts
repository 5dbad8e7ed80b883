import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';

/** Of throw-away rows alone: the role sees no others. Those that refer come before those that are referred to. */
const tables = ['api_keys', 'memberships', 'subscriptions', 'organization_keys'];

/** Removes a person that was made for a proof, with the organization. */
export async function endThrowAway(ctx: Ctx, userId: string): Promise<void> {
  await asSystem(ctx, 'end-proof', (tx) => remove(tx, [userId]));
}

/** The same for those that a worker left behind when it was killed. Answers how many there were. */
export async function endAbandonedThrowAways(ctx: Ctx): Promise<number> {
  return asSystem(ctx, 'end-proof', async (tx) => {
    const rows = await tx.query<{ id: string }>(`select id from users where created_at < now() - interval '1 hour'`);
    if (rows.length > 0) await remove(tx, rows.map(({ id }) => id));
    return rows.length;
  });
}

async function remove(tx: Tx, userIds: string[]): Promise<void> {
  for (const table of tables) await tx.query(`delete from ${table} where organization_id in (select id from organizations where created_by = any($1::uuid[]))`, [userIds]);
  await tx.query('delete from organizations where created_by = any($1::uuid[])', [userIds]);
  await tx.query('delete from user_sessions where user_id = any($1::uuid[])', [userIds]);
  await tx.query('delete from users where id = any($1::uuid[])', [userIds]);
}
