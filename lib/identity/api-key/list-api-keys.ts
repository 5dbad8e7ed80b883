import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { lastUuid, readCursor, toPage, uuidCursor, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { selectApiKeys, toApiKeyView, type ApiKeyRow } from './internal';
import { ListApiKeys, type ApiKeyView } from './schemas';

/** Keys that were not revoked, newest first; expired ones are among them and say so. */
export async function listApiKeys(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<ApiKeyView>> {
  return within(ctx, { organization }, 'api_key:read', async (tx, { organizationId }) => {
    const { limit, cursor } = parseInput(ListApiKeys, raw);
    const rows = await tx.query<ApiKeyRow>(
      `${selectApiKeys} where k.organization_id = $1 and k.revoked_at is null and k.id < $2 order by k.id desc limit $3`,
      [organizationId, readCursor(cursor) ?? lastUuid, limit + 1],
    );
    return toPage(rows, limit, uuidCursor, toApiKeyView);
  });
}
