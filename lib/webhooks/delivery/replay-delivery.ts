import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { audit } from '@/lib/trust/audit/record';
import { queueAttempt } from '../emit';
import { auditTarget, lockWebhookOrThrow } from '../internal';
import { demandEnabled } from './demand-enabled';
import { getDeliveryOrThrow, toDeliveryView, type DeliveryRow } from './internal';
import type { DeliveryView } from './schemas';

/**
 * Sends an event once more, now and with the whole schedule of retries before it. It keeps its id, by which the
 * receiver knows it again.
 */
export async function replayDelivery(ctx: Ctx, organization: string, webhook: string, event: string): Promise<DeliveryView> {
  return within(ctx, { organization }, 'webhook:manage', async (tx, { organizationId }) => {
    const row = await lockWebhookOrThrow(tx, organizationId, webhook);
    const delivery = await getDeliveryOrThrow(tx, organizationId, row.id, event);
    demandEnabled(row);
    const now = ctx.clock.now();
    demandNotUnderWay(delivery, now);
    await tx.query(
      `update webhook_deliveries set state = 'pending', attempt = 0, next_attempt_at = $3, delivered_at = null where organization_id = $1 and id = $2`,
      [organizationId, delivery.id, now],
    );
    await queueAttempt(tx, { deliveryId: delivery.id, attempt: 0, at: now });
    await audit(ctx, tx, { organizationId, action: 'webhook.replayed', target: auditTarget(row), reason: event });
    return toDeliveryView(await getDeliveryOrThrow(tx, organizationId, row.id, event));
  });
}

/** Longer than an attempt and its wait for a place take; after that its job is lost, and a replay gives it another one. */
const underWayMs = 10 * 60_000;

function demandNotUnderWay({ state, next_attempt_at: next }: DeliveryRow, now: Date): void {
  const lateMs = next === null ? Infinity : now.getTime() - next.getTime();
  if (state === 'pending' && lateMs >= 0 && lateMs < underWayMs) throw new AppError('conflict', 'This event is being sent at this moment. Wait for its outcome.');
}
