import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { maxAgeMs as longestMs, type Cache } from './port';

/** For one process without Redis. Other processes' changes arrive as notifications and are bumped here. */
export function createMemoryCache({ most = 20_000 } = {}): Cache {
  const entries = new LRUCache<string, string>({ max: most, maxSize: 64 * 1024 * 1024, sizeCalculation: (value) => value.length + 1 });
  /** What was cleared a moment ago, which a look-up from before may not bring back. */
  const cleared = new LRUCache<string, true>({ max: most, ttl: longestMs });
  return {
    getMany: (keys) => Promise.resolve(keys.map((key) => entries.get(key) ?? null)),
    set(key, value, maxAgeMs) {
      if (!cleared.has(key)) entries.set(key, value, { ttl: maxAgeMs });
      return Promise.resolve();
    },
    clear(keys) {
      for (const key of keys) {
        entries.delete(key);
        cleared.set(key, true);
      }
      return Promise.resolve(true);
    },
    bump(keys) {
      for (const key of keys) entries.set(key, randomUUID());
      return Promise.resolve(true);
    },
    sure: () => true,
    close: () => Promise.resolve(),
  };
}
