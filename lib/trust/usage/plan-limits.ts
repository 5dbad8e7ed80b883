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

/**
 * Refuses what the transaction has just added when the plan has no room for it; asked last, and `count` then counts
 * it too. The subscription is locked for what is left of the transaction, so that two requests at the same moment
 * cannot both take the last place.
 */
export async function demandRoom(tx: TenantTx, organizationId: string, what: Counted, count: (tx: TenantTx, organizationId: string) => Promise<number>): Promise<void> {
  // In one round trip; each statement runs after the one before and sees what was committed while that waited for the
  // lock. To lock and to read the plan at once would miss a subscription that was replaced meanwhile.
  const [, { name, limits }, taken] = await Promise.all([
    tx.query('select from subscriptions where organization_id = $1 and ended_at is null for update', [organizationId]),
    currentPlan(tx, organizationId),
    count(tx, organizationId),
  ]);
  const limit = limits[what];
  if (limit === null || taken <= limit) return;
  const full = what === 'deployments' ? `${limit} deployments a month, and this month's are used. Wait for the next one` : `${limit} ${what}, and all are taken. Remove one`;
  throw new AppError('quota_exceeded', `The plan ${name} allows ${full} or ask for a larger plan.`);
}
