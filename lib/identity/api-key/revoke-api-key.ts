import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { notFound } from '@/lib/kernel/errors';
import { audit } from '@/lib/trust/audit/record';
import { cacheKeyOf, getApiKeyOrThrow } from './internal';

/** Ends a key for good. Every use reads the row again, so it is dead at commit even where a cached copy lives on. */
export async function revokeApiKey(ctx: Ctx, organization: string, key: string): Promise<void> {
  const hash = await within(ctx, { organization }, 'api_key:manage', async (tx, { organizationId }) => {
    const { id, public_id, name } = await getApiKeyOrThrow(tx, organizationId, key);
    const [revoked] = await tx.query<{ key_hash: Buffer }>(
      `update api_keys set revoked_at = now(), revoked_by = $3
        where organization_id = $1 and id = $2 and revoked_at is null returning key_hash`,
      [organizationId, id, actorId(ctx.actor)],
    );
    if (revoked === undefined) throw notFound('API key');
    await Promise.all([
      audit(ctx, tx, { organizationId, action: 'api_key.revoked', target: { kind: 'api_key', id: public_id, name } }),
      notify(tx, { kind: 'access', actor_id: id }),
    ]);
    return revoked.key_hash;
  });
  await ctx.cache.clear([cacheKeyOf(hash)]);
}
