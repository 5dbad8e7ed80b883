import type { TenantTx } from '@/db/platform/client';
import { notFound } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { DeliveryView } from './schemas';

export interface DeliveryRow {
  id: string;
  event_id: string;
  type: string;
  payload: Record<string, unknown>;
  state: DeliveryView['state'];
  attempt: number;
  next_attempt_at: Date | null;
  last_attempt_at: Date | null;
  last_status: number | null;
  last_error: string | null;
  last_duration_ms: number | null;
  delivered_at: Date | null;
  created_at: Date;
}

export const selectDeliveries = `select d.id, d.event_id, d.type, d.payload, d.state, d.attempt, d.next_attempt_at, d.last_attempt_at, d.last_status,
    d.last_error, d.last_duration_ms, d.delivered_at, d.created_at
  from webhook_deliveries d`;

export function toDeliveryView(row: DeliveryRow): DeliveryView {
  return DeliveryView.parse({
    id: row.event_id,
    type: row.type,
    payload: row.payload,
    state: row.state,
    attempts: row.attempt,
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    last_attempt_at: row.last_attempt_at?.toISOString() ?? null,
    last_status: row.last_status,
    last_error: row.last_error,
    last_duration_ms: row.last_duration_ms,
    delivered_at: row.delivered_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  });
}

/** `webhookId` is a row uuid, `event` the public id of the event. */
export async function getDeliveryOrThrow(tx: TenantTx, organizationId: string, webhookId: string, event: string): Promise<DeliveryRow> {
  if (!publicIdPattern('webhookEvent').test(event)) throw notFound('delivery');
  const [row] = await tx.query<DeliveryRow>(`${selectDeliveries} where d.organization_id = $1 and d.webhook_id = $2 and d.event_id = $3`, [organizationId, webhookId, event]);
  if (row === undefined) throw notFound('delivery');
  return row;
}
