import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { accountHolder } from '@/lib/identity/user/account';
import { StepUp } from '@/lib/identity/user/schemas';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { forgetToken, replaceToken } from './renew-token';

/**
 * Takes the password again; for five minutes this session may then export secrets. Answers the session's new token;
 * null when none was presented, or a parallel request has replaced it already.
 */
export async function stepUp(ctx: Ctx, raw: unknown, { token }: { token: string | null }): Promise<string | null> {
  const actor = accountHolder(ctx);
  const { password } = parseInput(StepUp, raw);
  await demandPassword(ctx, actor.userId, password);
  const renewed = await asSystem(ctx, 'sign-in', async (tx) => {
    await tx.query('update user_sessions set stepped_up_at = now() where id = $1 and user_id = $2', [actor.sessionId, actor.userId]);
    await audit(ctx, tx, { organizationId: null, action: 'session.stepped_up', target: { kind: 'session', id: null, name: null } });
    return token === null ? null : replaceToken(tx, { sessionId: actor.sessionId, token }, { olderThan: '0' });
  });
  if (renewed !== null && token !== null) await forgetToken(ctx, token);
  return renewed;
}

/** Throws `invalid_input` on the field `/password` when the password is not the user's. */
export async function demandPassword(ctx: Ctx, userId: string, password: string, pointer = '/password'): Promise<void> {
  await ctx.limits.attempt('sign-in', userId, ctx.ip);
  const [row] = await asSystem(ctx, 'sign-in', (tx) => tx.query<{ password_hash: string }>('select password_hash from user_credentials where user_id = $1', [userId]));
  if (await ctx.passwords.verify(row?.password_hash ?? null, password)) return;
  throw new AppError('invalid_input', 'The password is wrong.', { errors: [{ pointer, detail: 'The password is wrong.' }] });
}
