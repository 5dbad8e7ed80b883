import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { disableWebhook } from './disable-webhook';
import { auditTarget, demandTarget, getWebhookOrThrow, lockWebhookOrThrow, toWebhookView, type WebhookRow } from './internal';
import { UpdateWebhook, type WebhookView } from './schemas';

/** Changes the address, description or events, or switches the webhook off or on again; what is not named stays. */
export async function updateWebhook(ctx: Ctx, organization: string, webhook: string, raw: unknown): Promise<WebhookView> {
  return within(ctx, { organization }, 'webhook:manage', async (tx, { organizationId }) => {
    const input = parseInput(UpdateWebhook, raw);
    const url = input.url === undefined ? undefined : demandTarget(ctx, input.url);
    const before = await lockWebhookOrThrow(tx, organizationId, webhook);
    const description = input.description === undefined ? before.description : input.description || null;
    await tx.query('update webhooks set url = $3, description = $4, events = $5, updated_at = $6 where organization_id = $1 and id = $2', [
      organizationId,
      before.id,
      url ?? before.url,
      description,
      input.events ?? before.events,
      ctx.clock.now(),
    ]);
    if (input.enabled === true) await enable(tx, organizationId, before.id);
    if (input.enabled === false) await disableWebhook(ctx, tx, organizationId, before.id, 'switched_off');
    const after = await getWebhookOrThrow(tx, organizationId, webhook);
    await audit(ctx, tx, { organizationId, action: 'webhook.updated', target: auditTarget(after), changes: changesOf(before, after) });
    return toWebhookView(after, ctx.clock.now());
  });
}

async function enable(tx: TenantTx, organizationId: string, id: string): Promise<void> {
  await tx.query('update webhooks set disabled_at = null, disabled_reason = null, failing_since = null, last_failed_at = null where organization_id = $1 and id = $2', [organizationId, id]);
}

/** Of the address only that it changed and to which host: the rest may be secret. */
function changesOf(before: WebhookRow, after: WebhookRow): Record<string, { from: unknown; to: unknown }> {
  const shown = (row: WebhookRow) => ({ host: new URL(row.url).host, description: row.description, events: row.events.join(', '), enabled: row.disabled_at === null });
  const [from, to] = [Object.entries(shown(before)), shown(after)];
  const changed = from.filter(([field, value]) => Reflect.get(to, field) !== value).map(([field, value]) => [field, { from: value, to: Reflect.get(to, field) }]);
  const path = before.url !== after.url ? { path: { from: 'hidden', to: 'changed' } } : {};
  return { ...Object.fromEntries(changed), ...path };
}
