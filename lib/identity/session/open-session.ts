import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { hashToken, newPublicId, newToken } from '@/lib/kernel/ids';
import { absoluteTime, idleTime } from './internal';

export interface OpenedSession {
  /** Goes into the cookie; only its hash is stored. */
  token: string;
  id: string;
  publicId: string;
}

/** Opens a session for somebody who has just proved who they are, which counts as a step-up too. Takes the sign-in role. */
export async function openSession(ctx: Ctx, tx: Tx, userId: string): Promise<OpenedSession> {
  const token = newToken();
  const publicId = newPublicId('session');
  const [row] = await tx.query<{ id: string }>(
    `insert into user_sessions (public_id, user_id, token_hash, idle_expires_at, expires_at, stepped_up_at, ip, user_agent)
     values ($1, $2, $3, now() + $4::interval, now() + $5::interval, now(), $6, $7) returning id`,
    [publicId, userId, hashToken(token), idleTime, absoluteTime, ctx.ip, ctx.userAgent?.slice(0, 400) ?? null],
  );
  if (row === undefined) throw new Error('the session was not inserted');
  return { token, id: row.id, publicId };
}
