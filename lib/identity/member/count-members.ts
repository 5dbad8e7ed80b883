import type { TenantTx } from '@/db/platform/client';

export async function countMembers(tx: TenantTx, organizationId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>('select count(*)::int as count from memberships where organization_id = $1', [organizationId]);
  return row?.count ?? 0;
}
