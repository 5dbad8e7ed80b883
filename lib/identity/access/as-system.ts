import { withSystem, type SystemReason, type Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';

/** Every use of a system role leaves a line with its reason in the access log. */
export async function asSystem<Result>(
  ctx: Pick<Ctx, 'database' | 'log' | 'requestId'>,
  reason: SystemReason,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const { result, rows } = await withSystem(ctx.database, reason, async (tx) => ({ result: await work(tx), rows: tx.rowsTouched() }));
  ctx.log.info({ access: 'system', reason, rows, request_id: ctx.requestId }, 'system access');
  return result;
}
