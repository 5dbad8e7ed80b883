import type { TenantTx } from '@/db/platform/client';
import { AppError } from '@/lib/kernel/errors';
import { PlanLimits, type Counted } from './schemas';

export interface Plan {
  key: string;
  name: string;
  limits: PlanLimits;
}

export async function currentPlan(tx: TenantTx, organizationId: string): Promise<Plan> {
  const [row] = await tx.query<{ key: string; name: string; limits: unknown }>(
    `select p.key, p.name, p.limits from subscriptions s join plans p on p.key = s.plan_key
      where s.organization_id = $1 and s.ended_at is null`,
    [organizationId],
  );
  if (row === undefined) throw new Error('the organization has no plan');
  return { key: row.key, name: row.name, limits: PlanLimits.parse(row.limits) };
}

/** Refuses one more of something when the plan has no room; `used` is counted in the same transaction. */
export async function demandRoom(tx: TenantTx, organizationId: string, counted: Counted, used: number): Promise<void> {
  const { name, limits } = await currentPlan(tx, organizationId);
  const limit = limits[counted];
  if (limit === null || used < limit) return;
  throw new AppError('quota_exceeded', `The plan ${name} allows ${limit} ${counted}, and ${used} are taken. Remove one or ask for a larger plan.`);
}
