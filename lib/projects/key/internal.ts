import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';

const place = (row: string) => ({ table: 'appwrite_keys', row, column: 'sealed_secret' });

/** Seals the secret of the environment's key and opens the key for use. */
export async function storeKeySecret(
  ctx: Ctx,
  tx: TenantTx,
  { organizationId, keyRowId, secret }: { organizationId: string; keyRowId: string; secret: string },
): Promise<void> {
  const sealed = await ctx.vault.seal(tx, organizationId, place(keyRowId), secret);
  await tx.query(`update appwrite_keys set state = 'live', sealed_secret = $3, last_four = $4 where organization_id = $1 and id = $2`, [
    organizationId, keyRowId, sealed, secret.slice(-4),
  ]);
}

export interface EnvKey {
  id: string;
  public_id: string;
  last_four: string | null;
  sealed_secret: string | null;
}

/** The key that the environment variables carry. */
export async function findEnvKey(tx: TenantTx, organizationId: string, projectId: string): Promise<EnvKey | undefined> {
  const [key] = await tx.query<EnvKey>(
    `select id, public_id, last_four, sealed_secret from appwrite_keys
      where organization_id = $1 and project_id = $2 and purpose = 'env' and state = 'live' and replaced_by is null`,
    [organizationId, projectId],
  );
  return key;
}

export function openKeySecret(ctx: Ctx, tx: TenantTx, organizationId: string, key: { id: string; sealed_secret: string }): Promise<string> {
  return ctx.vault.open(tx, organizationId, place(key.id), key.sealed_secret);
}
