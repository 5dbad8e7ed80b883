import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { countKeys, type KeyUse } from './count-keys';
import { platformSealed } from './sealed-columns';
import { dataKeyPurpose } from './vault';

type Needs = Pick<Ctx, 'database' | 'log' | 'requestId' | 'vault'>;

/**
 * Throws when something is sealed that none of the configured keys opens: a key that left the configuration too
 * early, or another key under the same id. A stored Appwrite session is no reason: it is made anew by signing in.
 */
export async function demandKeys(ctx: Needs): Promise<void> {
  const { uses } = await countKeys(ctx);
  const complaints = uses.filter(({ held_in: heldIn, key_id: id }) => heldIn !== 'appwrite_instances' && !ctx.vault.keyIds.includes(id)).map(missing);
  complaints.push(...(await wrongKeys(ctx)));
  if (complaints.length === 0) return;
  throw new Error(`STUDIO_ENCRYPTION_KEYS does not open what is stored:\n${complaints.map((line) => `  ${line}`).join('\n')}`);
}

function missing({ held_in: heldIn, key_id: id, rows }: KeyUse): string {
  return `${rows} values in ${heldIn} are sealed under the key ${id}, which is not listed. List it again, last; ${wayOut(heldIn)}.`;
}

function wayOut(heldIn: KeyUse['held_in']): string {
  return platformSealed.find(({ table }) => table === heldIn)?.leaves ?? 'they are gone once they are sent';
}

/** One data key for each listed id is opened for a try. */
async function wrongKeys(ctx: Needs): Promise<string[]> {
  const samples = await asSystem(ctx, 'count-keys', (tx) =>
    tx.query<{ key_id: string; organization_id: string; version: number; sealed_key: string }>(
      `select k.key_id, s.* from unnest($1::text[]) k(key_id)
        cross join lateral (select organization_id, version, sealed_key from organization_keys where sealed_key like 'p1.' || k.key_id || '.%' limit 1) s`,
      [ctx.vault.keyIds],
    ),
  );
  return samples.flatMap(({ key_id: id, organization_id: organizationId, version, sealed_key: sealed }) => {
    try {
      ctx.vault.openPlatform(dataKeyPurpose(organizationId, version), sealed);
      return [];
    } catch (error) {
      ctx.log.error({ err: error, key: id }, 'a data key cannot be opened');
      return [`The key listed as ${id} is not the one that sealed the data keys: its bytes differ. Put the former bytes back.`];
    }
  });
}
