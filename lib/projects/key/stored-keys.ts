import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { notFound } from '@/lib/kernel/errors';
import { KeyView } from './schemas';

export interface KeyRow {
  id: string;
  public_id: string;
  name: string;
  purpose: 'env' | 'user';
  environment_id: string | null;
  scopes: string[];
  state: 'requested' | 'live' | 'revoking' | 'revoked' | 'failed';
  last_four: string | null;
  expires_at: Date | null;
  retire_at: Date | null;
  replaced_by: string | null;
  replaced_by_public_id: string | null;
  created_at: Date;
  revoked_at: Date | null;
}

const keyQuery = `
  select k.id, k.public_id, k.name, k.purpose, k.environment_id, k.scopes, k.state, k.last_four, k.expires_at, k.retire_at,
         k.replaced_by, r.public_id as replaced_by_public_id, k.created_at, k.revoked_at
    from appwrite_keys k
    left join appwrite_keys r on r.organization_id = k.organization_id and r.id = k.replaced_by
   where k.organization_id = $1 and k.project_id = $2`;

/** The most keys that one list shows; a project holds fewer that work. */
const mostShown = 200;

export async function listKeyRows(tx: TenantTx, organizationId: string, projectId: string): Promise<KeyRow[]> {
  return tx.query<KeyRow>(`${keyQuery} and k.state <> 'failed' order by k.id desc limit ${mostShown}`, [organizationId, projectId]);
}

export async function lockKeyRow(tx: TenantTx, organizationId: string, projectId: string, publicId: string): Promise<KeyRow> {
  const [row] = await tx.query<KeyRow>(`${keyQuery} and k.public_id = $3 for update of k`, [organizationId, projectId, publicId]);
  if (row === undefined) throw notFound('key');
  return row;
}

export function toKeyView(row: KeyRow): KeyView {
  return KeyView.parse({
    id: row.public_id,
    name: row.name,
    purpose: row.purpose,
    scopes: row.scopes,
    state: row.state,
    last_four: row.last_four,
    expires_at: row.expires_at?.toISOString() ?? null,
    retire_at: row.retire_at?.toISOString() ?? null,
    replaced_by: row.replaced_by_public_id,
    created_at: row.created_at.toISOString(),
    revoked_at: row.revoked_at?.toISOString() ?? null,
  });
}

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
  appwrite_key_id: string;
  last_four: string | null;
  sealed_secret: string | null;
  created_at: Date;
}

/** The key that the variables of an environment carry; `environmentId` null stands for production. */
export async function findEnvKey(tx: TenantTx, organizationId: string, projectId: string, environmentId: string | null = null): Promise<EnvKey | undefined> {
  const [key] = await tx.query<EnvKey>(
    `select id, public_id, appwrite_key_id, last_four, sealed_secret, created_at from appwrite_keys
      where organization_id = $1 and project_id = $2 and purpose = 'env' and environment_id is not distinct from $3 and state = 'live' and replaced_by is null`,
    [organizationId, projectId, environmentId],
  );
  return key;
}

export function openKeySecret(ctx: Ctx, tx: TenantTx, organizationId: string, key: { id: string; sealed_secret: string }): Promise<string> {
  return ctx.vault.open(tx, organizationId, place(key.id), key.sealed_secret);
}
