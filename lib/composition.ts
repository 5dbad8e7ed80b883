import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { closeDatabase, openDatabase, type Database } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import type { Cache } from '@/lib/adapters/cache/port';
import { createRedisCache, openRedis } from '@/lib/adapters/cache/redis';
import type { Ctx } from '@/lib/context';
import type { Env } from '@/lib/env';
import { createLimits, type Limits } from '@/lib/identity/limits/limits';
import { createPasswordHasher, type PasswordHasher } from '@/lib/identity/user/password';
import type { Actor } from '@/lib/kernel/actor';
import { systemClock } from '@/lib/kernel/clock';
import { createVault, type Vault } from '@/lib/trust/vault/vault';

/** Everything a process builds once and hands to every verb. */
export interface Composition {
  env: Env;
  log: Logger;
  database: Database;
  cache: Cache;
  vault: Vault;
  passwords: PasswordHasher;
  limits: Limits;
  redis: Redis | null;
}

export function compose(env: Env, log: Logger, { poolSize, applicationName }: { poolSize: number; applicationName: string }): Composition {
  const redis = env.REDIS_URL === undefined ? null : openRedis(env.REDIS_URL, log);
  return {
    env,
    log,
    database: openDatabase(env.DATABASE_URL, { max: poolSize, log, applicationName }),
    cache: redis === null ? createMemoryCache() : createRedisCache(redis),
    vault: createVault(env.STUDIO_ENCRYPTION_KEYS),
    passwords: createPasswordHasher(),
    limits: createLimits(redis, env),
    redis,
  };
}

export async function closeComposition({ database, cache }: Composition): Promise<void> {
  await Promise.all([closeDatabase(database), cache.close()]);
}

interface Caller {
  actor: Actor;
  requestId?: string;
  ip?: string | null;
  userAgent?: string | null;
}

/** The context of one request or job. */
export function contextFor(composition: Composition, { actor, requestId = randomUUID(), ip = null, userAgent = null }: Caller): Ctx {
  const { database, cache, vault, passwords, limits, env, log } = composition;
  return { actor, requestId, ip, userAgent, clock: systemClock, log, database, cache, vault, passwords, limits, baseUrl: env.STUDIO_URL };
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
