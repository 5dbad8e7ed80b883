import type { z } from 'zod';
import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { displayName, findAccount, toUserView } from '@/lib/identity/user/account';
import { Login, type UserView } from '@/lib/identity/user/schemas';
import { newestRegistration } from '@/lib/identity/token/one-time-token';
import { AppError, notFound } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { openSession, type OpenedSession } from './open-session';

export interface SignedIn {
  user: UserView;
  session: OpenedSession;
  /** The public id of the organization that the access token shall be bound to; the person is a member there. */
  organization?: string | undefined;
}

/** Checks address and password and opens a session. Unknown address and wrong password look and last the same. */
export async function signIn(ctx: Ctx, raw: unknown): Promise<SignedIn> {
  const input = parseInput(Login, raw);
  await ctx.limits.attempt('sign-in', input.email, ctx.ip);
  return ctx.passwords.signIn(() => openFor(ctx, input));
}

async function openFor(ctx: Ctx, input: z.infer<typeof Login>): Promise<SignedIn> {
  const account = await asSystem(ctx, 'sign-in', (tx) => findSignInAccount(tx, input.email));
  const matches = await ctx.passwords.verify(account?.password_hash ?? null, input.password);
  if (account === null || !matches || account.disabled_at !== null) {
    if (account !== null) await recordFailure(ctx, account.id, displayName(account));
    throw new AppError('unauthenticated', 'The e-mail address or the password is wrong.');
  }
  if (account.email_verified_at === null) {
    throw new AppError('forbidden', 'Confirm your e-mail address first: the link is in your mail. You can ask for a new one.');
  }
  await ctx.limits.forgive('sign-in', input.email);
  const rehash = account.password_hash !== null && ctx.passwords.outdated(account.password_hash) ? await ctx.passwords.hash(input.password) : null;
  return asSystem(ctx, 'sign-in', async (tx) => {
    if (rehash !== null) await tx.query('update user_credentials set password_hash = $2, updated_at = now() where user_id = $1', [account.id, rehash]);
    const session = await openSession(ctx, tx, account.id);
    const name = displayName(account);
    await audit(ctx, tx, {
      organizationId: null,
      action: 'session.opened',
      target: { kind: 'session', id: session.publicId, name: null },
      actor: { userId: account.id, name },
    });
    return { user: toUserView(account), session, organization: await boundOrganization(tx, account.id, input.organization_id) };
  });
}

/** An account that nobody has confirmed has no password yet; its newest registration's is what its owner knows. */
async function findSignInAccount(tx: Tx, email: string) {
  const account = await findAccount(tx, email);
  if (account === null || account.email_verified_at !== null) return account;
  return { ...account, password_hash: (await newestRegistration(tx, account.id))?.password_hash ?? null };
}

async function boundOrganization(tx: Tx, userId: string, publicId: string | undefined): Promise<string | undefined> {
  if (publicId === undefined) return undefined;
  const [row] = await tx.query<{ id: string }>(
    'select o.id from organizations o join memberships m on m.organization_id = o.id where o.public_id = $1 and m.user_id = $2',
    [publicId, userId],
  );
  if (row === undefined) throw notFound('organization');
  return publicId;
}

async function recordFailure(ctx: Ctx, userId: string, name: string): Promise<void> {
  await asSystem(ctx, 'sign-in', (tx) =>
    audit(ctx, tx, {
      organizationId: null,
      action: 'session.refused',
      target: { kind: 'user', id: null, name },
      outcome: 'denied',
      reason: 'wrong password',
      actor: { userId, name },
    }),
  );
}
