import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';
import { auditTarget, getWebhookOrThrow, lockWebhookOrThrow, toWebhookView } from './internal';
import { WebhookWithSecret } from './schemas';
import { replaceSecret } from './secrets';
import { newWebhookSecret } from './transport/signature';

/**
 * Replaces the signing secret. For 24 hours calls carry both signatures, so that the receiver can change over without
 * refusing one. The new secret is in this answer and never again.
 */
export async function rotateSecret(ctx: Ctx, organization: string, webhook: string): Promise<WebhookWithSecret> {
  return within(ctx, { organization }, 'webhook:manage', async (tx, { organizationId }) => {
    const row = await lockWebhookOrThrow(tx, organizationId, webhook);
    const secret = newWebhookSecret();
    await replaceSecret(ctx, tx, organizationId, row.id, secret);
    await audit(ctx, tx, { organizationId, action: 'webhook.secret_rotated', target: auditTarget(row) });
    return WebhookWithSecret.parse({ ...toWebhookView(await getWebhookOrThrow(tx, organizationId, webhook), ctx.clock.now()), secret });
  });
}
