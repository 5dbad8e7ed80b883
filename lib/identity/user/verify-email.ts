import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { openSession } from '@/lib/identity/session/open-session';
import type { SignedIn } from '@/lib/identity/session/sign-in';
import { consumeToken } from '@/lib/identity/token/one-time-token';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { displayName, findAccount, toUserView, userColumns, type UserRow } from './account';
import { sendVerification } from './register';
import { EmailOnly, TokenOnly } from './schemas';

/** Uses up the link of the letter, confirms the address and opens the first session. */
export async function verifyEmail(ctx: Ctx, raw: unknown): Promise<SignedIn> {
  const { token } = parseInput(TokenOnly, raw);
  await ctx.limits.attempt('token', null, ctx.ip);
  return asSystem(ctx, 'one-time-token', async (tx) => {
    const userId = await consumeToken(tx, token, 'verify_email');
    const [user] = await tx.query<UserRow>(
      `update users u set email_verified_at = coalesce(email_verified_at, now()), updated_at = now() where id = $1 and disabled_at is null returning ${userColumns}`,
      [userId],
    );
    if (user === undefined) throw new AppError('gone', 'This account is closed.');
    const session = await openSession(ctx, tx, user.id);
    const name = displayName(user);
    await audit(ctx, tx, { organizationId: null, action: 'user.email_verified', target: { kind: 'user', id: user.public_id, name }, actor: { userId: user.id, name } });
    return { userId: user.id, user: toUserView(user), session };
  });
}

/** Sends the letter again when there is an unconfirmed account; answers the same in any case. */
export async function resendVerification(ctx: Ctx, raw: unknown): Promise<void> {
  const input = parseInput(EmailOnly, raw);
  await ctx.limits.attempt('mail', input.email, ctx.ip);
  await asSystem(ctx, 'register', async (tx) => {
    const account = await findAccount(tx, input.email);
    if (account === null || account.email_verified_at !== null) return;
    await sendVerification(ctx, tx, account.id, { to: account.email, firstName: account.first_name });
  });
}
