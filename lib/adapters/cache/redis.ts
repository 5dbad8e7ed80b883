import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type Result } from 'ioredis';
import type { Log } from '@/lib/kernel/log';
import { maxAgeMs, type Cache } from './port';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** The key, its value, its age in milliseconds, and the mark that a value may not take the place of. */
    setUnlessCleared(key: string, value: string, ageMs: number, mark: string): Result<null, Context>;
  }
}

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

/** Between two tries to clear what could not be cleared. */
const againMs = 100;

/** Stands in the place of what was cleared, where no value can be taken for it: each begins with its key. */
const cleared = 'cleared';

/**
 * A look-up that began before a change may want to keep what it found after the change was cleared away: the mark
 * outlives every such look-up.
 */
const setUnlessCleared = `if redis.call('GET', KEYS[1]) ~= ARGV[3] then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end`;

export function createRedisCache(redis: Redis): Cache {
  redis.defineCommand('setUnlessCleared', { numberOfKeys: 1, lua: setUnlessCleared });
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

  /** What was not confirmed in time is said again: another server that reaches Redis would believe its copy for seconds. */
  const owed = new Map<string, (key: string) => Promise<unknown>>();
  let insisting = false;

  async function insist(): Promise<void> {
    if (insisting) return;
    insisting = true;
    while (owed.size > 0 && performance.now() < unsureUntil && redis.status !== 'end') {
      await sleep(againMs, undefined, { ref: false });
      const said = [...owed];
      const confirmed = await Promise.all(said.map(([key, say]) => say(key))).then(() => true, () => false);
      if (confirmed) for (const [key, say] of said) if (owed.get(key) === say) owed.delete(key);
    }
    owed.clear();
    insisting = false;
  }

  /** Answers false when Redis did not confirm it for every key. */
  async function forAllToSee(keys: readonly string[], say: (key: string) => Promise<unknown>): Promise<boolean> {
    if ((await ask(() => Promise.all(keys.map(say)))) !== undefined) return true;
    unsureUntil = performance.now() + maxAgeMs;
    for (const key of keys) owed.set(key, say);
    void insist();
    return false;
  }

  const read = inBatches(async (keys) => (await ask(() => redis.mget(...keys)))?.map((stored, index) => unsigned(keys[index] ?? '', stored)));

  return {
    async getMany(keys) {
      const values = await read(keys);
      return keys.map((key) => values.get(key) ?? null);
    },
    async set(key, value, ageMs) {
      await ask(() => redis.setUnlessCleared(key, signed(key, value), ageMs, cleared));
    },
    async clear(keys) {
      if (keys.length === 0) return true;
      return forAllToSee(keys, (key) => redis.set(key, cleared, 'PX', maxAgeMs));
    },
    async bump(keys) {
      return forAllToSee(keys, (key) => redis.set(key, signed(key, randomUUID()), 'EX', versionSeconds));
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
