import { z } from 'zod';
import { ageBeforeEnd } from '@/lib/adapters/cache/port';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { apiKeyScopes } from '@/lib/identity/access/policy';
import type { Actor } from '@/lib/kernel/actor';
import { hashToken } from '@/lib/kernel/ids';
import { cacheKeyOf } from './internal';
import { isApiKeyToken } from './token';

type Ports = Pick<Ctx, 'database' | 'cache' | 'clock' | 'log' | 'requestId'>;
type ApiKeyActor = Extract<Actor, { kind: 'api_key' }>;

const Known = z.object({
  keyId: z.string(),
  name: z.string(),
  organizationId: z.string(),
  projectId: z.string().nullable(),
  scopes: z.array(z.enum(apiKeyScopes)),
});

type Known = z.infer<typeof Known>;

/**
 * Who a key acts for, or null when it is malformed, unknown, revoked or expired. What is remembered for at most
 * five seconds only says who asks: `within` reads in its own transaction whether the key still stands.
 */
export async function authenticateApiKey(ports: Ports, token: string): Promise<ApiKeyActor | null> {
  if (!isApiKeyToken(token)) return null;
  const hash = hashToken(token);
  const known = (await recall(ports, hash)) ?? (await lookUp(ports, hash));
  return known === null ? null : { kind: 'api_key', ...known };
}

async function recall({ cache }: Ports, hash: Buffer): Promise<Known | null> {
  if (!cache.sure()) return null;
  const [text] = await cache.getMany([cacheKeyOf(hash)]);
  if (text == null) return null;
  // A copy of another shape was written by another version of this program: read the row instead.
  const known = Known.safeParse(JSON.parse(text));
  return known.success ? known.data : null;
}

async function lookUp(ports: Ports, hash: Buffer): Promise<Known | null> {
  const askedMs = ports.clock.monotonicMs();
  const found = await asSystem(ports, 'api-key-check', async (tx) => {
    const [row] = await tx.query<{ id: string; name: string; organization_id: string; project_id: string | null; scopes: string[]; left_ms: number | null; noted: boolean }>(
      `select id, name, organization_id, project_id, scopes, (extract(epoch from expires_at - now()) * 1000)::float8 as left_ms,
              coalesce(last_used_at > now() - make_interval(secs => $2), false) as noted
         from api_keys where key_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
      [hash, noteEverySeconds],
    );
    if (row === undefined) return null;
    if (!row.noted) await tx.query('update api_keys set last_used_at = now() where organization_id = $1 and id = $2', [row.organization_id, row.id]);
    const known = Known.parse({ keyId: row.id, name: row.name, organizationId: row.organization_id, projectId: row.project_id, scopes: row.scopes });
    return { known, leftMs: row.left_ms ?? Infinity };
  });
  if (found === null) return null;
  const ageMs = ageBeforeEnd(found.leftMs - (ports.clock.monotonicMs() - askedMs));
  if (ageMs > 0) await ports.cache.set(cacheKeyOf(hash), JSON.stringify(found.known), ageMs);
  return found.known;
}

/** A busy key is written down at most this often. With the five seconds of the cache, "last used" is a minute off at most. */
const noteEverySeconds = 50;
