/** A column whose values are sealed. */
export interface SealedColumn {
  table: string;
  column: string;
}

/** Sealed under a key-encryption key itself. `counts` is when a row matters, `leaves` how it leaves an earlier key. */
export const platformSealed = [
  { table: 'organization_keys', column: 'sealed_key', counts: 'true', leaves: 'the worker seals them under the first key, and its log says when none is left' },
  { table: 'appwrite_instances', column: 'sealed_session', counts: 'sealed_session is not null', leaves: 'the worker seals them under the first key' },
  { table: 'signing_keys', column: 'sealed_private_key', counts: 'true', leaves: 'the worker seals them under the first key' },
  { table: 'idempotency_keys', column: 'sealed_response', counts: 'sealed_response is not null and expires_at > now()', leaves: 'they run out within 24 hours' },
] as const satisfies readonly (SealedColumn & { counts: string; leaves: string })[];

/** Sealed under the data key of the organization. All of these tables have the key (organization_id, id). */
export const organizationSealed = [
  { table: 'appwrite_keys', column: 'sealed_secret' },
  { table: 'environment_variables', column: 'sealed_value' },
  { table: 'webhooks', column: 'sealed_previous_secret' },
  { table: 'webhooks', column: 'sealed_secret' },
  { table: 'railway_connections', column: 'sealed_token' },
] as const satisfies readonly SealedColumn[];
