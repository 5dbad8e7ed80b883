import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { readWithin } from '@/lib/identity/access/within';
import { firstPlace, firstUuid, lastPlace, lastUuid, readCursor, readSortedCursor, sortedCursor, toPage, uuidCursor } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { whereOf } from './internal';
import { ListProjects, type ProjectOrder } from './schemas';

const ItemRow = z.object({ id: z.string(), name_order: z.string().optional(), item: z.string() });
type ItemRow = z.infer<typeof ItemRow>;

/**
 * One page of an organization's projects, newest first unless another order is asked for, as the JSON text of the
 * answer. The rows are built by the database and read in a single round trip, for this is the list that every page
 * asks for. Without a `status` deleted projects are left out.
 */
export async function listProjectsText(ctx: Ctx, raw: unknown): Promise<string> {
  const { organization_id, limit, cursor, q, status, sort } = parseInput(ListProjects, raw);
  const { text, from, cursorOf } = orders[sort];
  const [id, ...name] = from(cursor);
  const { rows } = await readWithin(ctx, whereOf(ctx, organization_id), 'project:read', ({ organizationId }) => [
    { text, values: [organizationId, id, q === undefined || q === '' ? null : `%${escapeLike(q)}%`, status ?? null, onlyProject(ctx), limit + 1, ...name] },
  ]);
  const items = (rows[0] ?? []).map((row) => ItemRow.parse(row));
  const page = toPage(items, limit, cursorOf, ({ item }) => item);
  return `{"data":[${page.data.join(',')}],"next_cursor":${JSON.stringify(page.next_cursor)}}`;
}

/** Whether a page as `listProjectsText` writes it has no rows. */
export function isEmptyPage(text: string): boolean {
  return text.startsWith('{"data":[],');
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The list in one order; an index serves each. `$2` is the id of the row where the page before ended, `$7` its name. */
const listIn = (order: string, after: string, more = '') => `
  select p.id,${more} json_build_object(
      'id', p.public_id, 'organization_id', (select public_id from organizations where id = $1), 'name', p.name, 'status', p.status,
      'framework', p.framework, 'hostname', p.hostname, 'backend', 'appwrite', 'database_ref', d.public_id,
      'created_at', ${instant('p.created_at')}, 'updated_at', ${instant('p.updated_at')},
      'ready_at', ${instant('p.ready_at')}, 'deleted_at', ${instant('p.deleted_at')},
      'restorable_until', ${instant('p.restorable_until')}, 'unhealthy_since', ${instant('a.unhealthy_since')})::text as item
    from (
      select * from projects
       where organization_id = $1
         and ${after}
         and ($3::text is null or name ilike $3)
         and case when $4::text is null then status not in ('deleted', 'purging', 'purged') else status = $4 end
         and ($5::uuid is null or id = $5)
       order by ${order} limit $6
    ) p
    join platform_databases d on d.organization_id = p.organization_id and d.project_id = p.id
    left join appwrite_projects a on a.organization_id = p.organization_id and a.project_id = p.id and a.state = 'live'
   order by ${order.replaceAll(/\b(?=id|name_order)/g, 'p.')}`;

/** Exported for the bench, whose floor runs the same statement. */
export const listQuery = listIn('id desc', 'id < $2');

interface Order {
  text: string;
  /** The values of `$2` and, where names count, `$7`. */
  from: (cursor: string | undefined) => string[];
  cursorOf: (last: ItemRow) => string;
}

const byAge = (text: string, end: string): Order => ({
  text,
  from: (cursor) => [readCursor(cursor) ?? end],
  cursorOf: uuidCursor,
});

const byName = (text: string, end: typeof firstPlace): Order => ({
  text,
  from: (cursor) => {
    const place = readSortedCursor(cursor) ?? end;
    return [place.id, place.text];
  },
  cursorOf: ({ id, name_order: name }) => sortedCursor({ id, text: name ?? '' }),
});

const orders: Record<ProjectOrder, Order> = {
  '-created_at': byAge(listQuery, lastUuid),
  created_at: byAge(listIn('id', 'id > $2'), firstUuid),
  name: byName(listIn('name_order, id', '(name_order, id) > ($7, $2)', ' p.name_order,'), firstPlace),
  '-name': byName(listIn('name_order desc, id desc', '(name_order, id) < ($7, $2)', ' p.name_order,'), lastPlace),
};

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

/** A key that is limited to one project sees that one; the credential was checked with its current limit. */
function onlyProject({ actor }: Ctx): string | null {
  return actor.kind === 'api_key' ? actor.projectId : null;
}
