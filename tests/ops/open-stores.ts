import { once } from 'node:events';
import { pino } from 'pino';
import { closeDatabase, openDatabase, withoutTenant } from '@/db/platform/client';
import { openRedis } from '@/lib/adapters/cache/redis';
import { readEnv } from '@/lib/env';

/**
 * Opens what the environment names as a process of Studio does, and prints how that ended as JSON: the version of
 * TLS or PONG, else the code of the failure. In a process of its own, because Node reads extra authorities once, at the start.
 */
const env = readEnv();
const silent = pino({ level: 'silent' });
const databases = Object.entries({ app: env.DATABASE_URL, jobs: env.DATABASE_JOBS_URL, owner: env.DATABASE_OWNER_URL });
const outcomes: Record<string, string> = {};
for (const [name, url] of databases) if (url !== undefined) outcomes[name] = await askDatabase(url).catch(codeOf);
if (env.REDIS_URL !== undefined) outcomes.redis = await askRedis(env.REDIS_URL).catch(codeOf);
console.log(JSON.stringify(outcomes));

async function askDatabase(url: string): Promise<string> {
  const database = openDatabase(url, { max: 1, log: silent, applicationName: 'open-stores' });
  try {
    const [row] = await withoutTenant(database, (tx) => tx.query<{ version: string | null }>('select version from pg_stat_ssl where pid = pg_backend_pid()'));
    return row?.version ?? 'no TLS';
  } finally {
    await closeDatabase(database);
  }
}

async function askRedis(url: string): Promise<string> {
  const redis = openRedis(url, silent);
  try {
    // `once` rejects with the error that comes first.
    await once(redis, 'ready');
    return await redis.ping();
  } finally {
    redis.disconnect();
  }
}

/** The code of what went wrong at the bottom of it. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return codeOf(error.cause);
  return 'code' in error ? String(error.code) : error.message;
}
