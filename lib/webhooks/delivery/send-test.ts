import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';
import { writeDeliveries } from '../emit';
import { testEvent } from '../events';
import { auditTarget, lockWebhookOrThrow } from '../internal';
import { demandEnabled } from './demand-enabled';
import { getDeliveryOrThrow, toDeliveryView } from './internal';
import type { DeliveryView } from './schemas';

/** Sends `webhook.test`, whatever the webhook subscribes to. It is retried like any other event. */
export async function sendTest(ctx: Ctx, organization: string, webhook: string): Promise<DeliveryView> {
  return within(ctx, { organization }, 'webhook:manage', async (tx, { organizationId }) => {
    const row = await lockWebhookOrThrow(tx, organizationId, webhook);
    demandEnabled(row);
    const eventId = await writeDeliveries(ctx, tx, { organizationId, type: testEvent, data: { webhook_id: row.public_id }, webhooks: [row.id] });
    await audit(ctx, tx, { organizationId, action: 'webhook.tested', target: auditTarget(row) });
    return toDeliveryView(await getDeliveryOrThrow(tx, organizationId, row.id, eventId));
  });
}
