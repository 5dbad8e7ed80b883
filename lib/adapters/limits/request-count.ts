import type { Redis, Result } from 'ioredis';
import { LRUCache } from 'lru-cache';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** `keyCount`, the keys, the seconds that new ones are kept, what is added to each. Answers the new counts. */
    addToAll(keyCount: number, ...rest: (string | number)[]): Result<number[], Context>;
  }
}

/** How many requests a caller has made in the current window, this one included. */
export type RequestCount = (caller: string) => Promise<number>;

const prefix = 'studio:rl:default';
const pauseMs = 1_000;

/**
 * Counts in windows of the wall clock, so that adding does it. What comes in the same turn of the event loop travels
 * together, in one command for all callers; each request still learns its own number. In Redis all servers share the
 * count; while Redis does not answer each process counts for itself.
 */
export function createRequestCount(redis: Redis | null, windowSeconds: number): RequestCount {
  const own = new LRUCache<string, number>({ max: 50_000, ttl: windowSeconds * 2_000 });
  let open: Map<string, Waiting[]> | undefined;
  let pausedUntilMs = 0;
  redis?.defineCommand('addToAll', { lua: script });

  function countHere(key: string, more: number): number {
    const count = (own.get(key) ?? 0) + more;
    own.set(key, count);
    return count;
  }

  /** Undefined while Redis does not answer, and for a while after: a hung server would cost its timeout on every request. */
  async function countThere(shared: Redis, keys: readonly string[], more: readonly number[]): Promise<readonly number[] | undefined> {
    if (shared.status !== 'ready' || performance.now() < pausedUntilMs) return undefined;
    try {
      return await shared.addToAll(keys.length, ...keys, windowSeconds * 2, ...more);
    } catch {
      pausedUntilMs = performance.now() + pauseMs;
      return undefined;
    }
  }

  async function send(shared: Redis, turns: ReadonlyMap<string, Waiting[]>): Promise<void> {
    const keys = [...turns.keys()];
    const counts = await countThere(shared, keys, [...turns.values()].map(({ length }) => length));
    let index = 0;
    for (const [key, waiting] of turns) {
      const before = (counts?.[index] ?? countHere(key, waiting.length)) - waiting.length;
      for (const [place, resolve] of waiting.entries()) resolve(before + place + 1);
      index += 1;
    }
  }

  function collect(shared: Redis): Map<string, Waiting[]> {
    const turns = new Map<string, Waiting[]>();
    setImmediate(() => {
      open = undefined;
      void send(shared, turns);
    });
    return turns;
  }

  return (caller) => {
    const key = `${prefix}:${caller}:${Math.floor(Date.now() / (windowSeconds * 1000))}`;
    if (redis === null) return Promise.resolve(countHere(key, 1));
    open ??= collect(redis);
    const turns = open;
    return new Promise((resolve) => {
      const waiting = turns.get(key);
      if (waiting === undefined) turns.set(key, [resolve]);
      else waiting.push(resolve);
    });
  };
}

type Waiting = (count: number) => void;

/** A key that is new gets its end in the same step, so that none stays for ever. */
const script = `
local counts = {}
for index, key in ipairs(KEYS) do
  counts[index] = redis.call('INCRBY', key, ARGV[index + 1])
  if counts[index] == tonumber(ARGV[index + 1]) then redis.call('EXPIRE', key, ARGV[1]) end
end
return counts`;
