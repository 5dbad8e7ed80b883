import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

/** How many requests a caller has made in the current window, this one included. */
export type RequestCount = (caller: string) => Promise<number>;

const prefix = 'studio:rl:default';

/**
 * Counts in windows of the wall clock, so that one INCRBY does it and needs no script. What comes in the same turn
 * of the event loop travels together; each request still learns its own number. In Redis all servers share the
 * count; while Redis does not answer each process counts for itself.
 */
export function createRequestCount(redis: Redis | null, windowSeconds: number): RequestCount {
  const own = new LRUCache<string, number>({ max: 50_000, ttl: windowSeconds * 2_000 });
  let open: Map<string, Turn> | undefined;

  function countHere(key: string, more: number): number {
    const count = (own.get(key) ?? 0) + more;
    own.set(key, count);
    return count;
  }

  async function send(turns: ReadonlyMap<string, Turn>): Promise<void> {
    await Promise.all(
      [...turns].map(async ([key, turn]) => {
        const last = (await countThere(redis, key, turn.waiting.length, windowSeconds)) ?? countHere(key, turn.waiting.length);
        turn.waiting.forEach((resolve, index) => resolve(last - turn.waiting.length + index + 1));
      }),
    );
  }

  return (caller) => {
    const key = `${prefix}:${caller}:${Math.floor(Date.now() / (windowSeconds * 1000))}`;
    if (redis === null) return Promise.resolve(countHere(key, 1));
    if (open === undefined) {
      const turns = new Map<string, Turn>();
      open = turns;
      setImmediate(() => {
        open = undefined;
        void send(turns);
      });
    }
    const turns = open;
    return new Promise((resolve) => {
      const turn = turns.get(key);
      if (turn === undefined) turns.set(key, { waiting: [resolve] });
      else turn.waiting.push(resolve);
    });
  };
}

interface Turn {
  waiting: ((count: number) => void)[];
}

/** @returns the new count, or undefined while Redis does not answer */
async function countThere(redis: Redis | null, key: string, more: number, windowSeconds: number): Promise<number | undefined> {
  if (redis === null || redis.status !== 'ready') return undefined;
  try {
    const count = await redis.incrby(key, more);
    // The first of a window gives the key its end; a lost one is found by its age when the window is over.
    if (count === more) await redis.expire(key, windowSeconds * 2);
    return count;
  } catch {
    return undefined;
  }
}
