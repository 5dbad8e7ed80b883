import { withUser, type Tx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { accountHolder, signedInUser } from '@/lib/identity/user/account';
import { notFound } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { audit } from '@/lib/trust/audit/record';
import { sessionCacheKeyOfHash, sessionIdCacheKey } from './internal';

export interface EndedSession {
  public_id: string;
  token_hash: Buffer;
  /** The token before it, which may still stand beside it. */
  previous_token_hash: Buffer | null;
}

const endedColumns = 'public_id, token_hash, previous_token_hash';

/** Ends one of the own sessions by its public id. */
export async function revokeSession(ctx: Ctx, publicId: string): Promise<void> {
  const actor = accountHolder(ctx);
  if (!publicIdPattern('session').test(publicId)) throw notFound('session');
  const ended = await withUser(ctx.database, actor.userId, async (tx) => {
    const rows = await tx.query<EndedSession>(
      `update user_sessions set revoked_at = now() where user_id = $1 and public_id = $2 and revoked_at is null returning ${endedColumns}`,
      [actor.userId, publicId],
    );
    if (rows.length === 0) throw notFound('session');
    await notify(tx, { kind: 'access', actor_id: actor.userId });
    await audit(ctx, tx, { organizationId: null, action: 'session.revoked', target: { kind: 'session', id: publicId, name: null } });
    return rows;
  });
  await forgetSessions(ctx, ended);
}

/** Ends every session of the caller but the one that asks. */
export async function revokeOtherSessions(ctx: Ctx): Promise<{ revoked: number }> {
  const actor = accountHolder(ctx);
  const ended = await withUser(ctx.database, actor.userId, async (tx) => {
    const rows = await revokeSessionRows(tx, actor.userId, { except: actor.sessionId });
    await audit(ctx, tx, { organizationId: null, action: 'session.others_revoked', target: { kind: 'session', id: null, name: null } });
    return rows;
  });
  await forgetSessions(ctx, ended);
  return { revoked: ended.length };
}

/** Signs out: ends the session that asks. */
export async function signOut(ctx: Ctx): Promise<void> {
  const actor = signedInUser(ctx);
  const ended = await withUser(ctx.database, actor.userId, async (tx) => {
    const rows = await tx.query<EndedSession>(
      `update user_sessions set revoked_at = now() where user_id = $1 and id = $2 and revoked_at is null returning ${endedColumns}`,
      [actor.userId, actor.sessionId],
    );
    await notify(tx, { kind: 'access', actor_id: actor.userId });
    await audit(ctx, tx, { organizationId: null, action: 'session.closed', target: { kind: 'session', id: rows[0]?.public_id ?? null, name: null } });
    return rows;
  });
  await forgetSessions(ctx, ended);
}

export async function revokeSessionRows(tx: Tx, userId: string, { except }: { except: string | null }): Promise<EndedSession[]> {
  const rows = await tx.query<EndedSession>(
    `update user_sessions set revoked_at = now()
      where user_id = $1 and revoked_at is null and ($2::uuid is null or id <> $2) returning ${endedColumns}`,
    [userId, except],
  );
  await notify(tx, { kind: 'access', actor_id: userId });
  return rows;
}

/** Takes ended sessions out of the cache, after the commit and before the answer. */
export async function forgetSessions(ctx: Pick<Ctx, 'cache'>, ended: readonly EndedSession[]): Promise<void> {
  await ctx.cache.clear(ended.flatMap(cacheKeysOf));
}

function cacheKeysOf({ public_id, token_hash, previous_token_hash }: EndedSession): string[] {
  const tokens = previous_token_hash === null ? [token_hash] : [token_hash, previous_token_hash];
  return [...tokens.map(sessionCacheKeyOfHash), sessionIdCacheKey(public_id)];
}
