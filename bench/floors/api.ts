import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { readEnv, required } from '@/lib/env';
import { createLog } from '@/lib/log';
import { lastUuid } from '@/lib/kernel/page';
import { listQuery } from '@/lib/projects/list-projects';

/**
 * The least that has to be done, written straight down: no layers, no other routes, no checks that this one caller
 * does not need. `/session` is a cookie looked up in Redis. `/projects` adds the rate limit, the two statements of
 * the product in one pipelined transaction under row-level security, and a line in the log.
 */
const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'server');
const redis = new Redis(required('REDIS_URL', env.REDIS_URL), { enableAutoPipelining: true });
const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: 20, pipeline: true });
const limiter = new RateLimiterRedis({ storeClient: redis, keyPrefix: 'floor:rl', points: env.RATE_LIMIT_PER_MINUTE, duration: 60 });

interface Session {
  userId: string;
  sessionId: string;
}

const grantQuery = `
  select m.role, s.stepped_up_at, null::text[] as scopes, null::uuid as project_id
    from memberships m join user_sessions s on s.user_id = m.user_id
   where m.organization_id = $1 and m.user_id = $2 and s.id = $3
     and s.revoked_at is null and s.expires_at > now() and s.idle_expires_at > now()`;

function keyOf(cookie: string): string {
  return `floor:s:${createHash('sha256').update(cookie).digest('base64url')}`;
}

async function sessionOf(cookie: string): Promise<Session> {
  const found = await redis.get(keyOf(cookie));
  const session: Session = JSON.parse(found ?? (await fetchSession(cookie)));
  return session;
}

async function fetchSession(cookie: string): Promise<string> {
  const hash = createHash('sha256').update(cookie.slice(cookie.indexOf('=') + 1)).digest();
  const client = await pool.connect();
  await client.query('begin; set local role studio_signin');
  const { rows } = await client.query<{ user_id: string; id: string }>('select user_id, id from user_sessions where token_hash = $1', [hash]);
  await client.query('commit');
  client.release();
  const session = JSON.stringify({ userId: rows[0]?.user_id, sessionId: rows[0]?.id });
  await redis.set(keyOf(cookie), session);
  return session;
}

async function readPage(organizationId: string, { userId, sessionId }: Session): Promise<string> {
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
}

const located = new Map<string, string>();

async function locate(publicId: string): Promise<string> {
  const known = located.get(publicId);
  if (known !== undefined) return known;
  const { rows } = await pool.query<{ id: string }>(`select studio.locate('organization', $1) as id`, [publicId]);
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('no such organization');
  located.set(publicId, id);
  return id;
}

const app = new Hono();
app.get('/ready', (c) => c.body(null, 200));
app.get('/session', async (c) => {
  const session = await sessionOf(c.req.header('cookie') ?? '');
  return c.json({ user: session.userId });
});
app.get('/projects', async (c) => {
  const startedMs = performance.now();
  const cookie = c.req.header('cookie') ?? '';
  const [session] = await Promise.all([sessionOf(cookie), limiter.consume(cookie)]);
  const organizationId = await locate(c.req.query('organization_id') ?? '');
  const text = await readPage(organizationId, session);
  log.info({ actor: session.userId, organization: organizationId, ms: performance.now() - startedMs }, 'tenant access');
  return c.body(text, 200, { 'content-type': 'application/json' });
});

createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })).listen(env.PORT, env.HOST);
