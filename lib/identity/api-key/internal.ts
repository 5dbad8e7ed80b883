import type { TenantTx } from '@/db/platform/client';
import { notFound } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { ApiKeyView } from './schemas';

export interface ApiKeyRow {
  id: string;
  public_id: string;
  name: string;
  prefix: string;
  last_four: string;
  scopes: string[];
  project_public_id: string | null;
  project_name: string | null;
  creator_id: string | null;
  creator_name: string | null;
  created_at: Date;
  expires_at: Date | null;
  expired: boolean;
  last_used_at: Date | null;
}

/** The hash is not among the columns, so no view can carry it. */
export const selectApiKeys = `select k.id, k.public_id, k.name, k.prefix, k.last_four, k.scopes, k.created_at, k.expires_at, k.last_used_at,
    coalesce(k.expires_at <= now(), false) as expired,
    p.public_id as project_public_id, p.name as project_name,
    u.public_id as creator_id, u.first_name || ' ' || u.last_name as creator_name
  from api_keys k
  left join projects p on p.organization_id = k.organization_id and p.id = k.project_id
  left join users u on u.id = k.created_by`;

export function toApiKeyView(row: ApiKeyRow): ApiKeyView {
  return ApiKeyView.parse({
    id: row.public_id,
    name: row.name,
    prefix: row.prefix,
    last_four: row.last_four,
    scopes: row.scopes,
    project: row.project_public_id === null ? null : { id: row.project_public_id, name: row.project_name },
    project_id: row.project_public_id,
    created_by: row.creator_id === null ? null : { id: row.creator_id, name: row.creator_name },
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    expired: row.expired,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  });
}

export async function getApiKeyOrThrow(tx: TenantTx, organizationId: string, key: string): Promise<ApiKeyRow> {
  if (!publicIdPattern('apiKey').test(key)) throw notFound('API key');
  const [row] = await tx.query<ApiKeyRow>(`${selectApiKeys} where k.organization_id = $1 and k.public_id = $2 and k.revoked_at is null`, [organizationId, key]);
  if (row === undefined) throw notFound('API key');
  return row;
}

/** Under the hash, so that the cache never holds a key. */
export function cacheKeyOf(hash: Buffer): string {
  return `studio:key:${hash.toString('hex')}`;
}
