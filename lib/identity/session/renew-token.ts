import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { hashToken, newToken } from '@/lib/kernel/ids';
import { sessionCacheKey, tokenTime } from './internal';

interface Presented {
  /** The row uuid. */
  sessionId: string;
  /** The token that the request came with. */
  token: string;
}

/**
 * Gives a session that is due a new token and answers it; null when a parallel request was faster, here or at
 * another server. The old token stands for the overlap, so that requests on their way are not signed out.
 */
export async function renewToken(ports: Pick<Ctx, 'cache' | 'database' | 'log' | 'requestId'>, presented: Presented): Promise<string | null> {
  const renewed = await asSystem(ports, 'session-check', (tx) => replaceToken(tx, presented, { olderThan: tokenTime }));
  if (renewed !== null) await forgetToken(ports, presented.token);
  return renewed;
}

/**
 * The same inside a transaction of the sign-in role, for a token that is older than a time. Only the current token is
 * replaced: of requests that present the same one a single one wins, and the others' answers set no cookie over its.
 */
export async function replaceToken(tx: Tx, { sessionId, token }: Presented, { olderThan }: { olderThan: string }): Promise<string | null> {
  const next = newToken();
  const replaced = await tx.query(
    `update user_sessions set token_hash = $3, previous_token_hash = token_hash, rotated_at = now()
      where id = $1 and token_hash = $2 and revoked_at is null and rotated_at <= now() - $4::interval returning id`,
    [sessionId, hashToken(token), hashToken(next), olderThan],
  );
  return replaced.length === 0 ? null : next;
}

/** Takes a replaced token out of the cache, after the commit: from then on Postgres counts its seconds. */
export async function forgetToken({ cache }: Pick<Ctx, 'cache'>, token: string): Promise<void> {
  await cache.clear([sessionCacheKey(token)]);
}
