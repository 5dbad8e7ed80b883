import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { firstUuid, readCursor, toPage, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { selectMembers, toMemberView, type MemberRow } from './internal';
import { ListMembers, type MemberView } from './schemas';

/** The members of an organization in the order in which they joined. */
export async function listMembers(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<MemberView>> {
  return within(ctx, { organization }, 'member:read', async (tx, access) => {
    const { limit, cursor } = parseInput(ListMembers, raw);
    const rows = await tx.query<MemberRow>(
      `${selectMembers} where m.organization_id = $1 and m.id > $2 order by m.id limit $3`,
      [access.organizationId, readCursor(cursor) ?? firstUuid, limit + 1],
    );
    return toPage(rows, limit, (row) => row.id, toMemberView);
  });
}
