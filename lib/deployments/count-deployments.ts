import type { TenantTx } from '@/db/platform/client';

/** Those of the month, by UTC, that were asked for here: that is what a plan counts. */
export async function countDeployments(tx: TenantTx, organizationId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from deployments where organization_id = $1 and kind <> 'external' and created_at >= date_trunc('month', now() at time zone 'utc') at time zone 'utc'`,
    [organizationId],
  );
  return row?.count ?? 0;
}
