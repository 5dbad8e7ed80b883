import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { disableWebhook } from '../disable-webhook';
import { queueAttempt } from '../emit';
import type { Outcome } from '../transport/call-endpoint';
import type { Attempt } from './deliver';
import { waitAfterMs } from './retry-schedule';
import { tellDisabled } from './tell-disabled';

const dayMs = 86_400_000;

/** So long may every attempt fail before the webhook is switched off. */
const patienceMs = 5 * dayMs;

/** After so long without an attempt, a failure begins a new count: nothing is known of the time in between. */
const forgetAfterMs = 2 * dayMs;

/** Writes down what came of an attempt, and what follows from it: the next one, the end, or that the webhook is switched off. */
export async function recordOutcome(ctx: Ctx, tx: TenantTx, attempt: Attempt, outcome: Outcome): Promise<void> {
  const { organizationId, deliveryId } = attempt;
  const webhook = await lockWebhookOf(tx, organizationId, deliveryId);
  if (webhook === null) return;
  const now = ctx.clock.now();
  const made = attempt.attempt + 1;
  const waitMs = outcome.error === null || outcome.status === gone ? null : waitAfterMs(made);
  const next = waitMs === null ? null : new Date(now.getTime() + waitMs);
  const state = outcome.error === null ? 'delivered' : next === null ? 'failed' : 'pending';
  const [recorded] = await tx.query(
    `update webhook_deliveries
        set state = $4, attempt = $5, next_attempt_at = $6, last_attempt_at = $7, last_status = $8, last_error = $9, last_duration_ms = $10,
            delivered_at = case when $4 = 'delivered' then $7::timestamptz end
      where organization_id = $1 and id = $2 and attempt = $3 and state = 'pending' returning id`,
    [organizationId, deliveryId, attempt.attempt, state, made, next, now, outcome.status, outcome.error, outcome.durationMs],
  );
  // Switched off or set going anew meanwhile: what was decided then stands.
  if (recorded === undefined) return;
  if (next !== null) await queueAttempt(tx, { deliveryId, attempt: made, at: next });
  if (outcome.error === null) return noteSuccess(tx, organizationId, webhook);
  const failingSince = await noteFailure(tx, organizationId, webhook, now);
  if (outcome.status === gone) return switchOff(ctx, tx, organizationId, webhook, 'gone');
  if (now.getTime() - failingSince.getTime() >= patienceMs) return switchOff(ctx, tx, organizationId, webhook, 'failing');
}

const gone = 410;

async function lockWebhookOf(tx: TenantTx, organizationId: string, deliveryId: string): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    `select w.id from webhooks w join webhook_deliveries d on d.organization_id = w.organization_id and d.webhook_id = w.id
      where d.organization_id = $1 and d.id = $2 for no key update of w`,
    [organizationId, deliveryId],
  );
  return row?.id ?? null;
}

async function noteSuccess(tx: TenantTx, organizationId: string, webhook: string): Promise<void> {
  await tx.query('update webhooks set failing_since = null, last_failed_at = null where organization_id = $1 and id = $2 and failing_since is not null', [organizationId, webhook]);
}

async function noteFailure(tx: TenantTx, organizationId: string, webhook: string, now: Date): Promise<Date> {
  const [row] = await tx.query<{ failing_since: Date }>(
    `update webhooks set failing_since = case when last_failed_at > $4 then coalesce(failing_since, $3) else $3 end, last_failed_at = $3
      where organization_id = $1 and id = $2 returning failing_since`,
    [organizationId, webhook, now, new Date(now.getTime() - forgetAfterMs)],
  );
  return row?.failing_since ?? now;
}

async function switchOff(ctx: Ctx, tx: TenantTx, organizationId: string, webhook: string, reason: 'gone' | 'failing'): Promise<void> {
  if (await disableWebhook(ctx, tx, organizationId, webhook, reason)) await tellDisabled(ctx, tx, organizationId, webhook, reason);
}
