import type { Cache } from '@/lib/adapters/cache/port';

/** The version token of everything inside an organization; cached answers carry it in their key. */
export function organizationVersionKey(organizationId: string): string {
  return `studio:v:o:${organizationId}`;
}

/** Called after a change is committed and before it is acknowledged. */
export async function bumpOrganization(cache: Cache, organizationId: string): Promise<void> {
  await cache.bump([organizationVersionKey(organizationId)]);
}
