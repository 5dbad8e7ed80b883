import { hash } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { memberQuery } from '@/lib/identity/organization/list-organizations';
import { lastUuid } from '@/lib/kernel/page';
import { listQuery } from '@/lib/projects/list-projects';

export interface FloorSession {
  userId: string;
  sessionId: string;
}

const grantQuery = `
  select m.role, s.stepped_up_at, null::text[] as scopes, null::uuid as project_id
    from memberships m join user_sessions s on s.user_id = m.user_id
   where m.organization_id = $1 and m.user_id = $2 and s.id = $3
     and s.revoked_at is null and s.expires_at > now() and s.idle_expires_at > now()`;

/** What every floor reads, with the statements of the product, a pool as large, and nothing around them. */
export function openReads({ databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string }) {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true, lazyConnect: true });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20, pipeline: true });
  const located = new Map<string, string>();

  async function fetchSession(cookie: string): Promise<string> {
    const tokenHash = hash('sha256', cookie.slice(cookie.indexOf('=') + 1), 'buffer');
    const client = await pool.connect();
    await client.query('begin; set local role studio_signin');
    const { rows } = await client.query<{ user_id: string; id: string }>('select user_id, id from user_sessions where token_hash = $1', [tokenHash]);
    await client.query('commit');
    client.release();
    const session = JSON.stringify({ userId: rows[0]?.user_id, sessionId: rows[0]?.id });
    await redis.set(keyOf(cookie), session);
    return session;
  }

  return {
    redis,

    async session(cookie: string): Promise<FloorSession> {
      const found = await redis.get(keyOf(cookie));
      const session: FloorSession = JSON.parse(found ?? (await fetchSession(cookie)));
      return session;
    },

    /** The row uuid behind `org_…`. */
    async locate(publicId: string): Promise<string> {
      const known = located.get(publicId);
      if (known !== undefined) return known;
      const { rows } = await pool.query<{ id: string }>(`select studio.locate('organization', $1) as id`, [publicId]);
      const id = rows[0]?.id;
      if (id === undefined) throw new Error('no such organization');
      located.set(publicId, id);
      return id;
    },

    async organizations({ userId }: FloorSession): Promise<{ id: string; slug: string; name: string }[]> {
      const client = await pool.connect();
      const [, answer] = await Promise.all([
        client.query(`begin read only; set local "app"."current_user" = '${userId}'`),
        client.query<{ id: string; slug: string; name: string }>({ name: 'organizations', text: memberQuery, values: [userId, null] }),
        client.query('commit'),
      ]);
      client.release();
      return answer.rows;
    },

    /** The first page of an organization's projects as JSON text, read in one pipelined transaction under row-level security. */
    async projects(organizationId: string, { userId, sessionId }: FloorSession): Promise<string> {
      const client = await pool.connect();
      const [, grants, items] = await Promise.all([
        client.query(`begin read only; set local "app"."current_tenant" = '${organizationId}'; set local "app"."current_user" = '${userId}'`),
        client.query<{ role: string }>({ name: 'grant', text: grantQuery, values: [organizationId, userId, sessionId] }),
        client.query<{ id: string; item: string }>({ name: 'list', text: listQuery, values: [organizationId, lastUuid, null, null, null, 26] }),
        client.query('commit'),
      ]);
      client.release();
      if (grants.rows[0] === undefined) throw new Error('not a member');
      const shown = items.rows.slice(0, 25);
      const last = items.rows.length > 25 ? shown.at(-1) : undefined;
      const next = last === undefined ? null : Buffer.from(last.id).toString('base64url');
      return `{"data":[${shown.map(({ item }) => item).join(',')}],"next_cursor":${JSON.stringify(next)}}`;
    },
  };
}

function keyOf(cookie: string): string {
  return `floor:s:${hash('sha256', cookie, 'base64url')}`;
}
