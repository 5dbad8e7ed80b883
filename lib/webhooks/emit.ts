import type { TenantTx } from '@/db/platform/client';
import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { newPublicId } from '@/lib/kernel/ids';
import type { EventType, Subscribed } from './events';

export interface Event {
  /** The row uuid. */
  organizationId: string;
  type: Subscribed;
  /** What receivers read under `data`, in wire names and public ids; the organization's id is added. Never a secret. */
  data: Record<string, unknown>;
}

/**
 * Tells every webhook that wants this event, in the transaction of the change: after commit the deliveries and their
 * jobs are there, or none of them is.
 */
export async function emitEvent(ctx: Ctx, tx: TenantTx, { organizationId, type, data }: Event): Promise<void> {
  // Locked against deletion and switching off: neither may come between, and fail the change or leave a delivery behind.
  const wanted = await tx.query<{ id: string }>(
    'select id from webhooks where organization_id = $1 and disabled_at is null and $2 = any(events) order by id for share',
    [organizationId, type],
  );
  if (wanted.length === 0) return;
  await writeDeliveries(ctx, tx, { organizationId, type, data, webhooks: wanted.map(({ id }) => id) });
}

interface Written {
  organizationId: string;
  type: EventType;
  data: Record<string, unknown>;
  /** Row uuids. */
  webhooks: readonly string[];
}

/** One event for the webhooks that are named, whatever they subscribe to. Answers the event's id. */
export async function writeDeliveries(ctx: Ctx, tx: TenantTx, { organizationId, type, data, webhooks }: Written): Promise<string> {
  const now = ctx.clock.now();
  const eventId = newPublicId('webhookEvent');
  const made = await tx.query<{ id: string }>(
    `insert into webhook_deliveries (organization_id, webhook_id, event_id, type, payload, next_attempt_at, created_at)
     select $1, w.id, $3, $4,
            jsonb_build_object('type', $4::text, 'timestamp', $5::text, 'data', $6::jsonb || jsonb_build_object('organization_id', (select public_id from organizations where id = $1))),
            $7, $7
       from unnest($2::uuid[]) w(id)
     returning id`,
    [organizationId, webhooks, eventId, type, now.toISOString(), JSON.stringify(data), now],
  );
  for (const { id } of made) await queueAttempt(tx, { deliveryId: id, attempt: 0, at: now });
  return eventId;
}

interface Attempt {
  /** The row uuid. */
  deliveryId: string;
  /** How many attempts were made before it. */
  attempt: number;
  at: Date;
}

/** One job for a delivery at a time: a new one takes the place of one that waits. */
export async function queueAttempt(tx: TenantTx, { deliveryId, attempt, at }: Attempt): Promise<void> {
  await enqueue(tx, 'deliver-webhook', { delivery_id: deliveryId, attempt }, { jobKey: `webhook:${deliveryId}`, runAt: at });
}
