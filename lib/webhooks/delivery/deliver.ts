import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { openSecrets } from '../secrets';
import type { Call, CallEndpoint } from '../transport/call-endpoint';
import { signedHeaders } from '../transport/signature';
import { recordOutcome } from './record-outcome';

/** One attempt, as its job names it. All ids are row uuids. */
export interface Attempt {
  organizationId: string;
  deliveryId: string;
  /** How many attempts were made before; a job for another attempt than the next one is out of date and does nothing. */
  attempt: number;
}

/** Makes one attempt: reads and signs, calls outside of any transaction, writes down what came of it. */
export async function deliver(ctx: Ctx, attempt: Attempt, callEndpoint: CallEndpoint): Promise<void> {
  const { organizationId } = attempt;
  const call = await within(ctx, { organizationId }, 'webhook:read', (tx) => prepare(ctx, tx, attempt));
  if (call === null) return;
  const outcome = await callEndpoint(call);
  await within(ctx, { organizationId }, 'webhook:deliver', (tx) => recordOutcome(ctx, tx, attempt, outcome));
}

interface Prepared {
  event_id: string;
  payload: { type: string; timestamp: string; data: unknown };
  id: string;
  url: string;
  sealed_secret: string;
  sealed_previous_secret: string | null;
  previous_until: Date | null;
}

/** Null when there is nothing to send any more. */
async function prepare(ctx: Ctx, tx: TenantTx, { organizationId, deliveryId, attempt }: Attempt): Promise<Call | null> {
  const [row] = await tx.query<Prepared>(
    `select d.event_id, d.payload, w.id, w.url, w.sealed_secret, w.sealed_previous_secret, w.previous_until
       from webhook_deliveries d join webhooks w on w.organization_id = d.organization_id and w.id = d.webhook_id
      where d.organization_id = $1 and d.id = $2 and d.attempt = $3 and d.state = 'pending' and w.disabled_at is null`,
    [organizationId, deliveryId, attempt],
  );
  if (row === undefined) return null;
  const { type, timestamp, data } = row.payload;
  const body = JSON.stringify({ type, timestamp, data });
  const signature = signedHeaders({ id: row.event_id, at: ctx.clock.now(), body, secrets: await openSecrets(ctx, tx, organizationId, row) });
  return { url: row.url, headers: { 'content-type': 'application/json', 'user-agent': 'Studio-Webhooks', ...signature }, body };
}
