import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { readEnv, required } from '@/lib/env';
import { createLog } from '@/lib/log';
import { openReads } from './reads';

/**
 * The least that has to be done, written straight down: no layers, no other routes, no checks that this one caller
 * does not need. `/session` is a cookie looked up in Redis. `/projects` adds the rate limit, the two statements of
 * the product in one pipelined transaction under row-level security, and a line in the log.
 */
const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'server');
const reads = openReads({ databaseUrl: env.DATABASE_URL, redisUrl: required('REDIS_URL', env.REDIS_URL) });
const limiter = new RateLimiterRedis({ storeClient: reads.redis, keyPrefix: 'floor:rl', points: env.RATE_LIMIT_PER_MINUTE, duration: 60 });

const app = new Hono();
app.get('/ready', (c) => c.body(null, 200));
app.get('/session', async (c) => {
  const session = await reads.session(c.req.header('cookie') ?? '');
  return c.json({ user: session.userId });
});
app.get('/projects', async (c) => {
  const startedMs = performance.now();
  const cookie = c.req.header('cookie') ?? '';
  const [session] = await Promise.all([reads.session(cookie), limiter.consume(cookie)]);
  const organizationId = await reads.locate(c.req.query('organization_id') ?? '');
  const text = await reads.projects(organizationId, session);
  log.info({ actor: session.userId, organization: organizationId, ms: performance.now() - startedMs }, 'tenant access');
  return c.body(text, 200, { 'content-type': 'application/json' });
});
app.get('/organizations', async (c) => {
  const startedMs = performance.now();
  const cookie = c.req.header('cookie') ?? '';
  const [session] = await Promise.all([reads.session(cookie), limiter.consume(cookie)]);
  const organizations = await reads.organizations(session);
  log.info({ actor: session.userId, ms: performance.now() - startedMs }, 'read');
  return c.json({ data: organizations, next_cursor: null });
});

createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })).listen(env.PORT, env.HOST);
