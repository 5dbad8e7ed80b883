import type { TenantTx } from '@/db/platform/client';

/** Those that take a place of the plan: a deleted one gives its place back at once, though it can be restored for a while. */
export async function countProjects(tx: TenantTx, organizationId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from projects where organization_id = $1 and status not in ('deleting', 'deleted', 'purging', 'purged')`,
    [organizationId],
  );
  return row?.count ?? 0;
}
