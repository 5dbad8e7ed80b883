import { timingSafeEqual } from 'node:crypto';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { openSession } from '@/lib/identity/session/open-session';
import type { SignedIn } from '@/lib/identity/session/sign-in';
import { consumeToken, newestRegistration, readRegistration, voidTokens } from '@/lib/identity/token/one-time-token';
import { AppError, invalid } from '@/lib/kernel/errors';
import { hashToken } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { displayName, findAccount, storePassword, toUserView, userColumns, type UserRow } from './account';
import { sendVerification } from './register';
import { EmailOnly, VerifyEmail } from './schemas';

/**
 * Uses up the link of the letter, puts the registration that it was sent for into effect and opens the first
 * session. In another browser than the one that registered the password of that registration is needed too:
 * without it the owner of an address could be made to confirm somebody else's password.
 */
export async function verifyEmail(ctx: Ctx, raw: unknown, { browserToken }: { browserToken: string | null }): Promise<SignedIn> {
  const { token, password } = parseInput(VerifyEmail, raw);
  await ctx.limits.attempt('token', hashToken(token).toString('base64url'), ctx.ip);
  const { registration, browserHash } = await asSystem(ctx, 'one-time-token', (tx) => readRegistration(tx, token));
  const sameBrowser = browserToken !== null && browserHash !== null && timingSafeEqual(hashToken(browserToken), browserHash);
  if (!sameBrowser) await demandRegistrationPassword(ctx, registration.password_hash, password);
  return asSystem(ctx, 'one-time-token', async (tx) => {
    const userId = await consumeToken(tx, token, 'verify_email');
    const [user] = await tx.query<UserRow>(
      `update users u set email_verified_at = coalesce(email_verified_at, now()), first_name = $2, last_name = $3, updated_at = now()
        where id = $1 and disabled_at is null and email_verified_at is null returning ${userColumns}`,
      [userId, registration.first_name, registration.last_name],
    );
    if (user === undefined) throw new AppError('gone', 'This address is confirmed already. Sign in.');
    await voidTokens(tx, userId, 'verify_email');
    await storePassword(tx, userId, registration.password_hash);
    const session = await openSession(ctx, tx, user.id);
    const name = displayName(user);
    await audit(ctx, tx, { organizationId: null, action: 'user.email_verified', target: { kind: 'user', id: user.public_id, name }, actor: { userId: user.id, name } });
    return { user: toUserView(user), session };
  });
}

async function demandRegistrationPassword(ctx: Ctx, passwordHash: string, password: string | undefined): Promise<void> {
  if (password === undefined) throw invalid('/password', 'Type the password that you chose when you registered.');
  if (await ctx.passwords.verify(passwordHash, password)) return;
  throw invalid('/password', 'This is not the password of the registration that this letter was sent for. Use the letter of your own registration, or set a new password.');
}

/** Sends the letter again when there is an unconfirmed account; answers the same in any case. */
export async function resendVerification(ctx: Ctx, raw: unknown): Promise<void> {
  const input = parseInput(EmailOnly, raw);
  await ctx.limits.attempt('mail', input.email, ctx.ip);
  await asSystem(ctx, 'register', async (tx) => {
    const account = await findAccount(tx, input.email);
    if (account === null || account.email_verified_at !== null) return;
    const registration = await newestRegistration(tx, account.id);
    if (registration !== null) await sendVerification(ctx, tx, { userId: account.id, to: account.email, registration, browserHash: null });
  });
}
