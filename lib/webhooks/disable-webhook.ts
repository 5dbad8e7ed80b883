import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { disabledReasons } from './schemas';

type Reason = (typeof disabledReasons)[number];

/** Ends all calls: what was waiting stays in the list as not sent, and can be replayed later. False when it was off already. */
export async function disableWebhook(ctx: Ctx, tx: TenantTx, organizationId: string, id: string, reason: Reason): Promise<boolean> {
  const [disabled] = await tx.query(
    'update webhooks set disabled_at = $3, disabled_reason = $4, updated_at = $3 where organization_id = $1 and id = $2 and disabled_at is null returning id',
    [organizationId, id, ctx.clock.now(), reason],
  );
  if (disabled === undefined) return false;
  await tx.query(`update webhook_deliveries set state = 'disabled', next_attempt_at = null where organization_id = $1 and webhook_id = $2 and state = 'pending'`, [organizationId, id]);
  return true;
}
