import type { Ctx } from '@/lib/context';
import { roles } from '@/lib/identity/access/policy';
import { within } from '@/lib/identity/access/within';
import { firstPlace, lastPlace, readSortedCursor, sortedCursor, toPage, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { selectMembers, toMemberView, type MemberRow } from './internal';
import { ListMembers, type MemberOrder, type MemberView } from './schemas';

/** The members of an organization, in the order in which they joined unless another one is asked for. */
export async function listMembers(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<MemberView>> {
  return within(ctx, { organization }, 'member:read', async (tx, access) => {
    const { limit, cursor, sort } = parseInput(ListMembers, raw);
    const { text, end } = statements[sort];
    const { text: after, id } = readSortedCursor(cursor) ?? end;
    const rows = await tx.query<MemberRow & { sorted_by: string }>(text, [access.organizationId, after, id, limit + 1]);
    return toPage(rows, limit, (last) => sortedCursor({ text: last.sorted_by, id: last.id }), toMemberView);
  });
}

/** What members are sorted by, as text. Ids follow the time of joining by themselves. */
const keys = {
  created_at: `''`,
  name: `lower(m.first_name || ' ' || m.last_name)`,
  role: `array_position(array[${roles.map((role) => `'${role}'`).join(', ')}], m.role)::text`,
};

/** Sorted on the spot: people of one organization are few. */
const sorted = (key: keyof typeof keys, turned: boolean) => ({
  text: `select * from (select m.*, ${keys[key]} collate "C" as sorted_by from (${selectMembers} where m.organization_id = $1) m) m
          where (sorted_by, id) ${turned ? '<' : '>'} ($2, $3::uuid)
          order by sorted_by ${turned ? 'desc, id desc' : ', id'} limit $4`,
  end: turned ? lastPlace : firstPlace,
});

const statements: Record<MemberOrder, ReturnType<typeof sorted>> = {
  created_at: sorted('created_at', false),
  '-created_at': sorted('created_at', true),
  name: sorted('name', false),
  '-name': sorted('name', true),
  role: sorted('role', false),
  '-role': sorted('role', true),
};
