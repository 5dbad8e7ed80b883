import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { letter } from '@/lib/identity/mail/templates';
import { queueMail } from '@/lib/identity/mail/queue-mail';
import { forgetSessions, revokeSessionRows } from '@/lib/identity/session/revoke-sessions';
import { consumeToken, issueResetToken, voidTokens } from '@/lib/identity/token/one-time-token';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { linkWithToken, paths } from '@/lib/paths';
import { audit } from '@/lib/trust/audit/record';
import { displayName, findAccount, storePassword, userColumns, type UserRow } from './account';
import { EmailOnly, ResetPassword } from './schemas';

/** Mails a link to set a new password when there is an account; answers the same in any case. */
export async function forgotPassword(ctx: Ctx, raw: unknown): Promise<void> {
  const input = parseInput(EmailOnly, raw);
  await ctx.limits.attempt('mail', input.email, ctx.ip);
  await asSystem(ctx, 'one-time-token', async (tx) => {
    const account = await findAccount(tx, input.email);
    if (account === null || account.disabled_at !== null) return;
    const token = await issueResetToken(tx, account.id);
    await queueMail(
      ctx,
      tx,
      letter({
        to: account.email,
        subject: 'Set a new password',
        greeting: `Hello ${account.first_name},`,
        paragraphs: ['use this link to set a new password for Studio. It works once and for one hour; setting a password signs every device out.'],
        button: { label: 'Set a new password', url: linkWithToken(ctx.baseUrl, paths.resetPassword, token) },
      }),
    );
  });
}

/** Sets the password by the link of the letter and signs every device out. The letter proves the address too. */
export async function resetPassword(ctx: Ctx, raw: unknown): Promise<void> {
  const input = parseInput(ResetPassword, raw);
  await ctx.limits.attempt('token', null, ctx.ip);
  const passwordHash = await ctx.passwords.hash(input.password);
  const ended = await asSystem(ctx, 'one-time-token', async (tx) => {
    const userId = await consumeToken(tx, input.token, 'reset_password');
    const [user] = await tx.query<UserRow>(
      `update users u set email_verified_at = coalesce(email_verified_at, now()), updated_at = now() where id = $1 and disabled_at is null returning ${userColumns}`,
      [userId],
    );
    if (user === undefined) throw new AppError('gone', 'This account is closed.');
    await voidTokens(tx, userId, 'verify_email');
    await storePassword(tx, userId, passwordHash);
    const name = displayName(user);
    await audit(ctx, tx, { organizationId: null, action: 'user.password_reset', target: { kind: 'user', id: user.public_id, name }, actor: { userId, name } });
    return revokeSessionRows(tx, userId, { except: null });
  });
  await forgetSessions(ctx, ended);
}
