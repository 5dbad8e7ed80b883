import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { lastUuid, readCursor, toPage, uuidCursor, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { selectProofs, toProofView, type ProofRow } from './internal';
import { ListProofs, type ProofView } from './schemas';

/** Newest first. */
export async function listProofs(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<ProofView>> {
  return within(ctx, { organization }, 'isolation:read', async (tx, { organizationId }) => {
    const { limit, cursor } = parseInput(ListProofs, raw);
    const rows = await tx.query<ProofRow>(`${selectProofs} where p.organization_id = $1 and p.id < $2 order by p.id desc limit $3`, [organizationId, readCursor(cursor) ?? lastUuid, limit + 1]);
    return toPage(rows, limit, uuidCursor, toProofView);
  });
}
