import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { lastUuid, readCursor, toPage, uuidCursor, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { selectWebhooks, toWebhookView, type WebhookRow } from './internal';
import { ListWebhooks, type WebhookView } from './schemas';

/** Newest first, disabled ones among them. */
export async function listWebhooks(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<WebhookView>> {
  return within(ctx, { organization }, 'webhook:read', async (tx, { organizationId }) => {
    const { limit, cursor } = parseInput(ListWebhooks, raw);
    const rows = await tx.query<WebhookRow>(`${selectWebhooks} where w.organization_id = $1 and w.id < $2 order by w.id desc limit $3`, [organizationId, readCursor(cursor) ?? lastUuid, limit + 1]);
    const now = ctx.clock.now();
    return toPage(rows, limit, uuidCursor, (row) => toWebhookView(row, now));
  });
}
