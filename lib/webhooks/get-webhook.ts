import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getWebhookOrThrow, toWebhookView } from './internal';
import type { WebhookView } from './schemas';

export async function getWebhook(ctx: Ctx, organization: string, webhook: string): Promise<WebhookView> {
  return within(ctx, { organization }, 'webhook:read', async (tx, { organizationId }) => toWebhookView(await getWebhookOrThrow(tx, organizationId, webhook), ctx.clock.now()));
}
