import { withUser } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { notFound } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { changesBetween } from '@/lib/trust/audit/changes';
import { audit } from '@/lib/trust/audit/record';
import { accountHolder, displayName, signedInUser, toUserView, userColumns, type UserRow } from './account';
import { UpdateProfile, type UserView } from './schemas';

export async function getProfile(ctx: Ctx): Promise<UserView> {
  const actor = signedInUser(ctx);
  const [row] = await withUser(ctx.database, actor.userId, (tx) => tx.query<UserRow>(`select ${userColumns} from users u where u.id = $1`, [actor.userId]));
  if (row === undefined) throw notFound('user');
  return toUserView(row);
}

export async function updateProfile(ctx: Ctx, raw: unknown): Promise<UserView> {
  const actor = accountHolder(ctx);
  const input = parseInput(UpdateProfile, raw);
  return withUser(ctx.database, actor.userId, async (tx) => {
    const [before] = await tx.query<UserRow>(`select ${userColumns} from users u where u.id = $1 for update`, [actor.userId]);
    if (before === undefined) throw notFound('user');
    const [after] = await tx.query<UserRow>(
      `update users u set first_name = $2, last_name = $3, updated_at = now() where id = $1 returning ${userColumns}`,
      [actor.userId, input.first_name ?? before.first_name, input.last_name ?? before.last_name],
    );
    if (after === undefined) throw notFound('user');
    await audit(ctx, tx, {
      organizationId: null,
      action: 'user.updated',
      target: { kind: 'user', id: after.public_id, name: displayName(after) },
      changes: changesBetween(before, after, ['first_name', 'last_name']),
    });
    return toUserView(after);
  });
}
