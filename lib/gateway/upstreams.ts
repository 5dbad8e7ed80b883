import { LRUCache } from 'lru-cache';
import { withoutTenant, type Database } from '@/db/platform/client';
import type { Limits } from '@/lib/adapters/limits/limits';
import { addressKey, tooMany } from '@/lib/http/identify';

export interface Upstreams {
  /** The inner endpoint of the instance that serves the project, ending in `/v1`; null where there is none. */
  find(project: string | null, ip: string | null): Promise<string | null>;
}

/** A deleted project is served for this long at most, and a new one is missed for as long. */
const maxAgeMs = 5_000;
const most = 10_000;

/**
 * Asks the database once for all who ask at the same time. What is not known yet counts for the address that asks:
 * made-up projects cost a look each.
 */
export function createUpstreams({ database, limits }: { database: Database; limits: Limits }): Upstreams {
  const known = new LRUCache<string, { endpoint: string | null }>({ max: most, ttl: maxAgeMs });
  const asked = new Map<string, Promise<string | null>>();

  async function ask(key: string, project: string | null): Promise<string | null> {
    const [row] = await withoutTenant(database, (tx) => tx.query<{ endpoint: string | null }>('select studio.appwrite_endpoint($1) as endpoint', [project]));
    const endpoint = row?.endpoint ?? null;
    known.set(key, { endpoint });
    return endpoint;
  }

  return {
    async find(project, ip) {
      const key = project ?? '';
      const found = known.get(key);
      if (found !== undefined) return found.endpoint;
      const { allowance, allowed } = await limits.request(`gateway:unknown:${addressKey(ip)}`);
      if (!allowed) throw tooMany(allowance);
      const pending = asked.get(key) ?? ask(key, project).finally(() => asked.delete(key));
      asked.set(key, pending);
      return pending;
    },
  };
}
