import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { readCursor, toPage, uuidCursor, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { readAudit, toAuditEntryView } from './internal';
import { ListAudit, type AuditEntryView } from './schemas';

/** Who did what in the organization, newest first. */
export async function listAudit(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<AuditEntryView>> {
  return within(ctx, { organization }, 'audit:read', async (tx, { organizationId }) => {
    const { limit, cursor, ...filters } = parseInput(ListAudit, raw);
    const rows = await readAudit(tx, organizationId, filters, { before: readCursor(cursor), rows: limit + 1 });
    return toPage(rows, limit, uuidCursor, toAuditEntryView);
  });
}
