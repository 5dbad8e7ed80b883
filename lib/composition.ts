import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { assertSafe, connectionsNeeded } from '@/db/platform/boot-check';
import { closeDatabase, openDatabase, patient } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import { createRedisCache, openRedis, type RedisClient } from '@/lib/adapters/cache/redis';
import { createRailwayAccess } from '@/lib/adapters/railway/access';
import type { Ctx, Ports } from '@/lib/context';
import type { Env } from '@/lib/env';
import { createLimits } from '@/lib/adapters/limits/limits';
import { createPasswordHasher } from '@/lib/identity/user/password';
import type { Actor } from '@/lib/kernel/actor';
import { systemClock } from '@/lib/kernel/clock';
import { createAppwriteInstances } from '@/lib/projects/instance/instances';
import { demandKeys } from '@/lib/trust/vault/demand-keys';
import { createVault } from '@/lib/trust/vault/vault';

/** Everything a process builds once: the ports that verbs see, and what only doors need. */
export interface Composition {
  env: Env;
  log: Logger;
  redis: RedisClient | null;
  ports: Ports;
  /** Who asks for the pages that are being made, by request id: found out in front of Next, read by the page. */
  visits: Map<string, Caller>;
}

interface ComposeOptions {
  poolSize: number;
  applicationName: string;
  /** How long a statement may take to answer; unset for work that nobody waits for. */
  patienceMs?: number;
}

/** For processes that answer people: a database that hangs is told within two seconds. */
export const requestPatienceMs = 1_500;

export function compose(env: Env, log: Logger, { poolSize, applicationName, patienceMs }: ComposeOptions): Composition {
  const redis = env.REDIS_URL === undefined ? null : openRedis(env.REDIS_URL, log);
  const database = openDatabase(env.DATABASE_URL, { max: poolSize, log, applicationName, ...(patienceMs === undefined ? {} : { patienceMs }), direct: !isPooled(env) });
  const vault = createVault(env.STUDIO_ENCRYPTION_KEYS);
  const ports: Ports = {
    database,
    vault,
    log,
    clock: systemClock,
    cache: redis === null ? createMemoryCache() : createRedisCache(redis),
    passwords: createPasswordHasher(),
    limits: createLimits(redis, env),
    appwrite: createAppwriteInstances({ database, vault, log, clock: systemClock, credentials: platformCredentials(env) }),
    railway: createRailwayAccess(env),
    baseUrl: env.STUDIO_URL,
    loopbackWebhooks: env.STUDIO_MODE === 'local',
  };
  return { env, log, redis, ports, visits: new Map() };
}

/** Whoever gives another way for what needs a session of its own has a pooler on the first. */
function isPooled({ DATABASE_URL: url, DATABASE_DIRECT_URL: direct }: Env): boolean {
  return direct !== undefined && direct !== url;
}

/** Refuses to serve from a database that does not hold its promises, or without the keys of what it holds. */
export async function assertSafeDatabase({ env, log, ports }: Composition): Promise<void> {
  const connections = isPooled(env) ? null : connectionsNeeded({ servers: env.STUDIO_SERVERS, workers: env.STUDIO_WORKERS });
  const database = patient(ports.database);
  await assertSafe(database, { mode: env.STUDIO_MODE, log, connections });
  await demandKeys({ ...ports, database, requestId: randomUUID() });
}

function platformCredentials({ APPWRITE_PLATFORM_EMAIL: email, APPWRITE_PLATFORM_PASSWORD: password }: Env): { email: string; password: string } | null {
  return email === undefined || password === undefined ? null : { email, password };
}

export async function closeComposition({ ports }: Composition): Promise<void> {
  await Promise.all([closeDatabase(ports.database), ports.cache.close()]);
}

export interface Caller {
  actor: Actor;
  requestId?: string;
  ip?: string | null;
  userAgent?: string | null;
}

/** The context of one request or job. Field by field: a spread this wide costs each request three microseconds. */
export function contextFor({ ports }: Composition, { actor, requestId = randomUUID(), ip = null, userAgent = null }: Caller): Ctx {
  const { database, cache, vault, log, clock, passwords, limits, appwrite, railway, baseUrl, loopbackWebhooks } = ports;
  return { database, cache, vault, log, clock, passwords, limits, appwrite, railway, baseUrl, loopbackWebhooks, actor, requestId, ip, userAgent };
}

/**
 * Next bundles its own copy of every module, so the server hands its composition over through the global
 * object: one process has one pool, one cache, one set of limits.
 */
const shared = Symbol.for('studio.composition');

export function shareComposition(composition: Composition): void {
  Reflect.set(globalThis, shared, composition);
}

export function sharedComposition(): Composition | undefined {
  return Reflect.get(globalThis, shared);
}
