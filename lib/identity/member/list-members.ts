import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { firstPlace, lastPlace, lastUuid, readSortedCursor, sortedCursor, toPage, type Page, type SortedPlace } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { memberColumns, toMemberView, type MemberRow } from './internal';
import { ListMembers, type MemberOrder, type MemberView } from './schemas';

/** The members of an organization, in the order in which they joined unless another one is asked for. */
export async function listMembers(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<MemberView>> {
  return within(ctx, { organization }, 'member:read', async (tx, access) => {
    const { limit, cursor, sort } = parseInput(ListMembers, raw);
    const { text, end } = orders[sort];
    const { text: after, id } = readSortedCursor(cursor) ?? end;
    const rows = await tx.query<MemberRow & { sorted_by: string }>(text, [access.organizationId, after, id, limit + 1]);
    return toPage(rows, limit, (last) => sortedCursor({ text: last.sorted_by, id: last.id }), toMemberView);
  });
}

interface Order {
  text: string;
  end: SortedPlace;
}

/** The page is cut out of the memberships by an index, and only then are people looked up. */
const indexed = (key: string, turned: boolean): Order => ordered(
  `select *, ${key} as sorted_by from memberships where organization_id = $1 and (${key}, id) ${turned ? '<' : '>'} ($2, $3::uuid)
    order by ${key}${turned ? ' desc, id desc' : ', id'} limit $4`,
  turned,
);

/** Ids follow the time of joining by themselves, so there is no text to sort by. */
const byAge = (turned: boolean): Order => ({
  ...ordered(
    `select *, $2::text as sorted_by from memberships where organization_id = $1 and id ${turned ? '<' : '>'} $3::uuid order by id${turned ? ' desc' : ''} limit $4`,
    turned,
  ),
  end: turned ? { text: '', id: lastUuid } : firstPlace,
});

/** Sorted on the spot: names belong to people, not to memberships, so that no index knows their order in an organization. */
const byName = (turned: boolean): Order => ordered(
  `select * from (select m.*, lower(u.first_name || ' ' || u.last_name) collate "C" as sorted_by from memberships m join users u on u.id = m.user_id where m.organization_id = $1) named
    where (sorted_by, id) ${turned ? '<' : '>'} ($2, $3::uuid) order by sorted_by${turned ? ' desc, id desc' : ', id'} limit $4`,
  turned,
);

function ordered(page: string, turned: boolean): Order {
  return {
    text: `select ${memberColumns}, m.sorted_by from (${page}) m join users u on u.id = m.user_id order by m.sorted_by${turned ? ' desc, m.id desc' : ', m.id'}`,
    end: turned ? lastPlace : firstPlace,
  };
}

const orders: Record<MemberOrder, Order> = {
  created_at: byAge(false),
  '-created_at': byAge(true),
  name: byName(false),
  '-name': byName(true),
  role: indexed('role_order', false),
  '-role': indexed('role_order', true),
};
