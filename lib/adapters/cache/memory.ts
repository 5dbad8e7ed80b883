import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Cache } from './port';

/** For one process without Redis. Other processes' changes arrive as notifications and are bumped here. */
export function createMemoryCache(): Cache {
  const entries = new LRUCache<string, string>({ max: 20_000, maxSize: 64 * 1024 * 1024, sizeCalculation: (value) => value.length + 1 });
  return {
    getMany: (keys) => Promise.resolve(keys.map((key) => entries.get(key) ?? null)),
    set(key, value, maxAgeMs) {
      entries.set(key, value, { ttl: maxAgeMs });
      return Promise.resolve();
    },
    clear(keys) {
      for (const key of keys) entries.delete(key);
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
