import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Log } from '@/lib/kernel/log';
import { maxAgeMs, type Cache } from './port';

export type RedisClient = Redis;

/** Opens a client that fails at once instead of queueing: a hung Redis costs 150 ms, never a request. */
export function openRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 150,
    connectTimeout: 1_000,
    retryStrategy: (attempt) => Math.min(100 * 2 ** attempt, 2_000),
  });
  let lastMessage = '';
  redis.on('error', (error: Error) => {
    if (error.message !== lastMessage) log.warn({ err: error }, 'redis does not answer; reading from postgres meanwhile');
    lastMessage = error.message;
  });
  redis.on('ready', () => {
    lastMessage = '';
  });
  return redis;
}

/** Version tokens of organizations that nobody uses go away; a missing one is made anew, which only costs a miss. */
const versionSeconds = 86_400;

/** After a failure nobody asks Redis for this long: a hung server would cost its timeout on every request. */
const pauseMs = 1_000;

export function createRedisCache(redis: Redis): Cache {
  let pausedUntil = 0;
  let unsureUntil = 0;

  async function ask<Answer>(command: () => Promise<Answer>): Promise<Answer | undefined> {
    if (performance.now() < pausedUntil || redis.status !== 'ready') return undefined;
    try {
      return await command();
    } catch {
      pausedUntil = performance.now() + pauseMs;
      return undefined;
    }
  }

  function noteDoubt(answer: unknown): boolean {
    if (answer !== undefined) return true;
    unsureUntil = performance.now() + maxAgeMs;
    return false;
  }

  const read = inBatches(async (keys) => (await ask(() => redis.mget(...keys)))?.map((stored, index) => unsigned(keys[index] ?? '', stored)));

  return {
    async getMany(keys) {
      const values = await read(keys);
      return keys.map((key) => values.get(key) ?? null);
    },
    async set(key, value, ageMs) {
      await ask(() => redis.set(key, signed(key, value), 'PX', ageMs));
    },
    async clear(keys) {
      if (keys.length === 0) return true;
      return noteDoubt(await ask(() => redis.del(...keys)));
    },
    async bump(keys) {
      return noteDoubt(await ask(() => Promise.all(keys.map((key) => redis.set(key, signed(key, randomUUID()), 'EX', versionSeconds)))));
    },
    sure: () => performance.now() >= unsureUntil,
    async close() {
      await redis.quit().catch(() => redis.disconnect());
    },
  };
}

/**
 * Each value carries the key that it was stored under. Answers come back by their order alone: should that ever slip,
 * in a client, a proxy or a server, one person's session must not be taken for another's.
 */
function signed(key: string, value: string): string {
  return `${key}\n${value}`;
}

function unsigned(key: string, stored: string | null): string | null {
  return stored?.startsWith(`${key}\n`) === true ? stored.slice(key.length + 1) : null;
}

type Values = ReadonlyMap<string, string | null>;

/** Puts what is asked for in the same turn of the event loop, by whatever requests, into one command. */
function inBatches(fetch: (keys: readonly string[]) => Promise<(string | null)[] | undefined>): (keys: readonly string[]) => Promise<Values> {
  let open: { keys: Set<string>; values: Promise<Values> } | undefined;

  async function fill(keys: ReadonlySet<string>): Promise<Values> {
    await new Promise((resolve) => setImmediate(resolve));
    open = undefined;
    const asked = [...keys];
    const values = (await fetch(asked)) ?? [];
    return new Map(asked.map((key, index) => [key, values[index] ?? null]));
  }

  return (keys) => {
    if (open === undefined) {
      const collected = new Set<string>();
      open = { keys: collected, values: fill(collected) };
    }
    for (const key of keys) open.keys.add(key);
    return open.values;
  };
}
