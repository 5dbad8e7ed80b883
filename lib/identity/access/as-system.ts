import { withSystem, type SystemReason, type Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';

/**
 * What acts across organizations on its own is in the audit log too, with its reason. Checks of a credential are
 * not: they come with every request, and what they open is audited where it happens. Nor is counting sealed values
 * by key, and sagas by kind, which the metrics do every minute and which shows numbers only.
 */
const audited: ReadonlySet<SystemReason> = new Set<SystemReason>(['placement', 'reconcile', 'purge', 'rotate-keys', 'end-proof']);

/** Every use of a system role leaves a line with its reason in the access log. */
export async function asSystem<Result>(
  ctx: Pick<Ctx, 'database' | 'log' | 'requestId'>,
  reason: SystemReason,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const { result, rows } = await withSystem(ctx.database, reason, async (tx) => {
    const outcome = await work(tx);
    if (audited.has(reason)) await recordUse(tx, reason, ctx.requestId);
    return { result: outcome, rows: tx.rowsTouched() };
  });
  ctx.log.info({ access: 'system', reason, rows, request_id: ctx.requestId }, 'system access');
  return result;
}

async function recordUse(tx: Tx, reason: SystemReason, requestId: string): Promise<void> {
  await tx.query(
    `insert into audit_logs (actor_kind, actor_name, action, target_kind, outcome, reason, request_id)
     values ('system', 'Studio', 'system_role.used', 'system_role', 'allowed', $1, $2)`,
    [reason, requestId],
  );
}
