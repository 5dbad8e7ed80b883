import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { letter } from '@/lib/identity/mail/templates';
import { queueMail } from '@/lib/identity/mail/queue-mail';
import { issueRegistrationToken, type Registration } from '@/lib/identity/token/one-time-token';
import { hashToken, newPublicId, newToken } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { linkWithToken, paths } from '@/lib/paths';
import { audit } from '@/lib/trust/audit/record';
import { displayName, findAccount } from './account';
import { Register } from './schemas';

export interface Registered {
  /** Kept by the browser that registered: there the link of the letter needs no password. */
  browserToken: string;
}

/**
 * Takes a registration. The answer is the same whether the address is known or not, and the hash that takes most
 * of the time is made in any case; what differs is the letter. Name and password wait with the letter's own link: somebody who registers a
 * foreign address cannot make its owner confirm a password that the owner does not know.
 */
export async function register(ctx: Ctx, raw: unknown): Promise<Registered> {
  const { email, password, first_name, last_name, invitation_token: invitation } = parseInput(Register, raw);
  await ctx.limits.attempt('register', email, ctx.ip);
  const registration = { first_name, last_name, password_hash: await ctx.passwords.hash(password) };
  const browserToken = newToken();
  await asSystem(ctx, 'register', async (tx) => {
    const known = await findAccount(tx, email);
    if (known !== null && known.email_verified_at !== null) {
      await queueMail(ctx, tx, alreadyKnown(ctx, known.email, known.first_name));
      return;
    }
    const userId = known?.id ?? (await insertUser(tx, email, registration));
    if (userId === null) return;
    await sendVerification(ctx, tx, { userId, to: email, registration, browserHash: hashToken(browserToken), invitation });
    const shown = displayName(registration);
    await audit(ctx, tx, { organizationId: null, action: 'user.registered', target: { kind: 'user', id: null, name: shown }, actor: { userId, name: shown } });
  });
  return { browserToken };
}

interface Verification {
  userId: string;
  to: string;
  registration: Registration;
  browserHash: Buffer | null;
  /** The token of an invitation, which the link carries on: one press confirms and accepts. */
  invitation?: string | undefined;
}

/** Issues a confirmation link for one registration and queues its letter. Takes the sign-in role's transaction. */
export async function sendVerification(ctx: Ctx, tx: Tx, { userId, to, registration, browserHash, invitation }: Verification): Promise<void> {
  const token = await issueRegistrationToken(tx, userId, { registration, browserHash });
  await queueMail(
    ctx,
    tx,
    letter({
      to,
      subject: 'Confirm your e-mail address',
      greeting: `Hello ${registration.first_name},`,
      paragraphs: ['confirm this address to finish your Studio account. The link works once and for 24 hours.'],
      button: { label: 'Confirm e-mail address', url: linkWithToken(ctx.baseUrl, paths.verifyEmail, token, invitation) },
      after: 'If you did not register with Studio, leave this message unanswered: nothing happens without your confirmation.',
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
async function insertUser(tx: Tx, email: string, { first_name, last_name }: Registration): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    `insert into users (public_id, email, first_name, last_name) values ($1, $2, $3, $4)
     on conflict (lower(email)) do nothing returning id`,
    [newPublicId('user'), email, first_name, last_name],
  );
  return row?.id ?? null;
}
