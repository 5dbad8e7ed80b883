import { z } from 'zod';
import { withUser } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { accountHolder } from '@/lib/identity/user/account';

export const SessionView = z.object({
  id: z.string(),
  current: z.boolean(),
  created_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
});

export type SessionView = z.infer<typeof SessionView>;

interface Row {
  id: string;
  public_id: string;
  created_at: Date;
  last_seen_at: Date;
  idle_expires_at: Date;
  ip: string | null;
  user_agent: string | null;
}

/** The caller's live sessions, newest first. */
export async function listSessions(ctx: Ctx): Promise<SessionView[]> {
  const actor = accountHolder(ctx);
  const rows = await withUser(ctx.database, actor.userId, (tx) =>
    tx.query<Row>(
      `select id, public_id, created_at, last_seen_at, idle_expires_at, ip, user_agent from user_sessions
        where user_id = $1 and revoked_at is null and expires_at > now() and idle_expires_at > now()
        order by id desc limit 100`,
      [actor.userId],
    ),
  );
  return rows.map((row) =>
    SessionView.parse({
      id: row.public_id,
      current: row.id === actor.sessionId,
      created_at: row.created_at.toISOString(),
      last_seen_at: row.last_seen_at.toISOString(),
      expires_at: row.idle_expires_at.toISOString(),
      ip: row.ip,
      user_agent: row.user_agent,
    }),
  );
}
