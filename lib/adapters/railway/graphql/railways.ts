import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '@/lib/kernel/clock';
import type { Railway } from '../port';
import { createRailwayGate, type RailwayGate } from './gate';
import { createRailway } from './railway';

/** How many tokens are remembered; one that is forgotten begins with a closed breaker. */
const mostTokens = 1_000;

/** Railway for many tokens. Everybody who uses the same one stands behind the same gate. */
export interface Railways {
  withToken(token: string, options?: { retrying?: boolean }): Railway;
}

export function createRailways(options: { endpoint: string; clock: Clock; deadlineMs?: number }): Railways {
  const gates = new LRUCache<string, RailwayGate>({ max: mostTokens });

  return {
    withToken(token, { retrying = false } = {}) {
      // By its hash, so that no token stays in memory longer than the work that uses it.
      const key = createHash('sha256').update(token).digest('base64');
      const gate = gates.get(key) ?? createRailwayGate({ clock: options.clock });
      gates.set(key, gate);
      return createRailway({ ...options, token, gate, retrying });
    },
  };
}
