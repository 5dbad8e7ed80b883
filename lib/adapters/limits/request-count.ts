import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

/** How many requests a caller has made in the current window, this one included. */
export type RequestCount = (caller: string) => Promise<number>;

const prefix = 'studio:rl:default';
const pauseMs = 1_000;

/**
 * Counts in windows of the wall clock, so that one INCRBY does it and needs no script. What comes in the same turn
 * of the event loop travels together; each request still learns its own number. In Redis all servers share the
 * count; while Redis does not answer each process counts for itself.
 */
export function createRequestCount(redis: Redis | null, windowSeconds: number): RequestCount {
  const own = new LRUCache<string, number>({ max: 50_000, ttl: windowSeconds * 2_000 });
  let open: Map<string, Waiting[]> | undefined;
  let pausedUntilMs = 0;

  function countHere(key: string, more: number): number {
    const count = (own.get(key) ?? 0) + more;
    own.set(key, count);
    return count;
  }

  /** Undefined while Redis does not answer, and for a while after: a hung server would cost its timeout on every request. */
  async function countThere(shared: Redis, key: string, more: number): Promise<number | undefined> {
    if (shared.status !== 'ready' || performance.now() < pausedUntilMs) return undefined;
    try {
      const count = await shared.incrby(key, more);
      if (count === more) await shared.expire(key, windowSeconds * 2);
      return count;
    } catch {
      pausedUntilMs = performance.now() + pauseMs;
      return undefined;
    }
  }

  async function send(shared: Redis, turns: ReadonlyMap<string, Waiting[]>): Promise<void> {
    const counted = [...turns].map(async ([key, waiting]) => {
      const before = ((await countThere(shared, key, waiting.length)) ?? countHere(key, waiting.length)) - waiting.length;
      for (const [index, resolve] of waiting.entries()) resolve(before + index + 1);
    });
    await Promise.all(counted);
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
