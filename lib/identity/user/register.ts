import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { letter } from '@/lib/identity/mail/templates';
import { queueMail } from '@/lib/identity/mail/queue-mail';
import { issueToken } from '@/lib/identity/token/one-time-token';
import { newPublicId } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { linkWithToken, paths } from '@/lib/paths';
import { audit } from '@/lib/trust/audit/record';
import type { z } from 'zod';
import { displayName, findAccount } from './account';
import { Register } from './schemas';

/**
 * Takes a registration. The answer, and the time it takes, are the same whether the address is known or not;
 * what differs is the letter. Nothing is opened before the link in it is used.
 */
export async function register(ctx: Ctx, raw: unknown): Promise<void> {
  const input = parseInput(Register, raw);
  await ctx.limits.attempt('register', input.email, ctx.ip);
  const passwordHash = await ctx.passwords.hash(input.password);
  await asSystem(ctx, 'register', async (tx) => {
    const known = await findAccount(tx, input.email);
    if (known !== null && known.email_verified_at !== null) {
      await queueMail(ctx, tx, alreadyKnown(ctx, known.email, known.first_name));
      return;
    }
    const userId = known === null ? await insertUser(tx, input) : await renameUser(tx, known.id, input);
    if (userId === null) return;
    await tx.query(
      `insert into user_credentials (user_id, password_hash) values ($1, $2)
       on conflict (user_id) do update set password_hash = excluded.password_hash, updated_at = now()`,
      [userId, passwordHash],
    );
    await sendVerification(ctx, tx, userId, { to: input.email, firstName: input.first_name, invitation: input.invitation_token });
    const name = displayName(input);
    await audit(ctx, tx, { organizationId: null, action: 'user.registered', target: { kind: 'user', id: null, name }, actor: { userId, name } });
  });
}

/** Issues a fresh confirmation link and queues it. Takes the sign-in role's transaction. */
export async function sendVerification(ctx: Ctx, tx: Tx, userId: string, { to, firstName, invitation }: { to: string; firstName: string; invitation?: string | undefined }): Promise<void> {
  const token = await issueToken(tx, userId, 'verify_email');
  await queueMail(
    ctx,
    tx,
    letter({
      to,
      subject: 'Confirm your e-mail address',
      greeting: `Hello ${firstName},`,
      paragraphs: ['confirm this address to finish your Studio account. The link works once and for 24 hours.'],
      button: { label: 'Confirm e-mail address', url: linkWithToken(ctx.baseUrl, paths.verifyEmail, token, invitation) },
    }),
  );
}

function alreadyKnown(ctx: Ctx, to: string, firstName: string) {
  return letter({
    to,
    subject: 'You already have a Studio account',
    greeting: `Hello ${firstName},`,
    paragraphs: ['somebody, probably you, tried to register with this address. There is an account for it already: sign in, or set a new password if you forgot yours.'],
    button: { label: 'Sign in', url: new URL(paths.signIn, ctx.baseUrl).href },
  });
}

/** Null when a parallel registration of the same address was faster; its letter is on the way. */
async function insertUser(tx: Tx, input: z.infer<typeof Register>): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    `insert into users (public_id, email, first_name, last_name) values ($1, $2, $3, $4)
     on conflict (lower(email)) do nothing returning id`,
    [newPublicId('user'), input.email, input.first_name, input.last_name],
  );
  return row?.id ?? null;
}

async function renameUser(tx: Tx, userId: string, input: z.infer<typeof Register>): Promise<string> {
  await tx.query('update users set first_name = $2, last_name = $3, updated_at = now() where id = $1', [userId, input.first_name, input.last_name]);
  return userId;
}
