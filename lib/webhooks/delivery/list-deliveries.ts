import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { lastUuid, readCursor, toPage, uuidCursor, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { getWebhookOrThrow } from '../internal';
import { selectDeliveries, toDeliveryView, type DeliveryRow } from './internal';
import { ListDeliveries, type DeliveryView } from './schemas';

/** What was sent to a webhook in the last 30 days or still waits, newest first. */
export async function listDeliveries(ctx: Ctx, organization: string, webhook: string, raw: unknown = {}): Promise<Page<DeliveryView>> {
  return within(ctx, { organization }, 'webhook:read', async (tx, { organizationId }) => {
    const { limit, cursor, state } = parseInput(ListDeliveries, raw);
    const { id } = await getWebhookOrThrow(tx, organizationId, webhook);
    const rows = await tx.query<DeliveryRow>(
      `${selectDeliveries} where d.organization_id = $1 and d.webhook_id = $2 and d.id < $3 and ($4::text is null or d.state = $4) order by d.id desc nulls last limit $5`,
      [organizationId, id, readCursor(cursor) ?? lastUuid, state ?? null, limit + 1],
    );
    return toPage(rows, limit, uuidCursor, toDeliveryView);
  });
}
