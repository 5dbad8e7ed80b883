import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';
import { auditTarget, lockWebhookOrThrow } from './internal';

/** Removes an endpoint with the record of its deliveries. Nothing more is sent to it. */
export async function deleteWebhook(ctx: Ctx, organization: string, webhook: string): Promise<void> {
  await within(ctx, { organization }, 'webhook:manage', async (tx, { organizationId }) => {
    const row = await lockWebhookOrThrow(tx, organizationId, webhook);
    // An event on its way holds its webhook by the foreign key: after this it is seen, and goes too.
    await tx.query('select from webhooks where organization_id = $1 and id = $2 for update', [organizationId, row.id]);
    await tx.query('delete from webhook_deliveries where organization_id = $1 and webhook_id = $2', [organizationId, row.id]);
    await tx.query('delete from webhooks where organization_id = $1 and id = $2', [organizationId, row.id]);
    await audit(ctx, tx, { organizationId, action: 'webhook.deleted', target: auditTarget(row) });
  });
}
