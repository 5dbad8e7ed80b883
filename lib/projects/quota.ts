import type { TenantTx } from '@/db/platform/client';
import { AppError } from '@/lib/kernel/errors';

/**
 * Refuses more projects than the plan allows; asked last in a transaction that added one. The subscription row
 * is locked for what is left of it, so that two requests at the same moment cannot both take the last place.
 */
export async function demandRoomForProjects(tx: TenantTx, organizationId: string): Promise<void> {
  const [plan] = await tx.query<{ name: string; most: number | null }>(
    `select p.name, (p.limits->>'projects')::int as most
       from subscriptions s join plans p on p.key = s.plan_key
      where s.organization_id = $1 and s.ended_at is null for update of s`,
    [organizationId],
  );
  if (plan === undefined) throw new AppError('quota_exceeded', 'The organization has no plan. Choose one to create projects.');
  if (plan.most === null) return;
  const [counted] = await tx.query<{ projects: number }>(
    `select count(*)::int as projects from projects
      where organization_id = $1 and status not in ('deleting', 'deleted', 'purging', 'purged')`,
    [organizationId],
  );
  if ((counted?.projects ?? 0) <= plan.most) return;
  throw new AppError('quota_exceeded', `The plan ${plan.name} holds ${plan.most} projects. Delete one or change the plan.`);
}
