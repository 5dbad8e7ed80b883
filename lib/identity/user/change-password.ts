import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { openSession, type OpenedSession } from '@/lib/identity/session/open-session';
import { forgetSessions, revokeSessionRows } from '@/lib/identity/session/revoke-sessions';
import { demandPassword } from '@/lib/identity/session/step-up';
import { voidTokens } from '@/lib/identity/token/one-time-token';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { accountHolder, storePassword } from './account';
import { ChangePassword } from './schemas';

/** Sets a new password, signs every device out and opens a new session for this one. */
export async function changePassword(ctx: Ctx, raw: unknown): Promise<OpenedSession> {
  const actor = accountHolder(ctx);
  const input = parseInput(ChangePassword, raw);
  await demandPassword(ctx, actor.userId, input.current_password, '/current_password');
  const passwordHash = await ctx.passwords.hash(input.new_password);
  const { session, ended } = await asSystem(ctx, 'sign-in', async (tx) => {
    await storePassword(tx, actor.userId, passwordHash);
    await voidTokens(tx, actor.userId, 'reset_password');
    const revoked = await revokeSessionRows(tx, actor.userId, { except: null });
    await audit(ctx, tx, { organizationId: null, action: 'user.password_changed', target: { kind: 'user', id: null, name: actor.name } });
    return { session: await openSession(ctx, tx, actor.userId), ended: revoked };
  });
  await forgetSessions(ctx, ended);
  return session;
}
