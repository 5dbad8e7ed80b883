import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { readWithin } from '@/lib/identity/access/within';
import { lastUuid, readCursor } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { whereOf } from './internal';
import { ListProjects, ProjectPage } from './schemas';

const ItemRow = z.object({ id: z.string(), item: z.string() });

/**
 * One page of an organization's projects, newest first, as the JSON text of the answer. The rows are built by
 * the database and read in a single round trip, for this is the list that every page asks for. Without a
 * `status` deleted projects are left out.
 */
export async function listProjectsText(ctx: Ctx, raw: unknown): Promise<string> {
  const { organization_id, limit, cursor, q, status } = parseInput(ListProjects, raw);
  const before = readCursor(cursor) ?? lastUuid;
  const { rows } = await readWithin(ctx, whereOf(ctx, organization_id), 'project:read', ({ organizationId }) => [
    { text: listQuery, values: [organizationId, before, q === undefined || q === '' ? null : `%${escapeLike(q)}%`, status ?? null, onlyProject(ctx), limit + 1] },
  ]);
  const items = (rows[0] ?? []).map((row) => ItemRow.parse(row));
  const shown = items.slice(0, limit);
  const last = items.length > limit ? shown.at(-1) : undefined;
  const next = last === undefined ? null : Buffer.from(last.id).toString('base64url');
  return `{"data":[${shown.map(({ item }) => item).join(',')}],"next_cursor":${JSON.stringify(next)}}`;
}

/** The same page as values. */
export async function listProjects(ctx: Ctx, raw: unknown): Promise<ProjectPage> {
  return ProjectPage.parse(JSON.parse(await listProjectsText(ctx, raw)));
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Exported for the bench, whose floor runs the same statement. */
export const listQuery = `
  select p.id, json_build_object(
      'id', p.public_id, 'organization_id', (select public_id from organizations where id = $1), 'name', p.name, 'status', p.status,
      'framework', p.framework, 'hostname', p.hostname, 'backend', 'appwrite', 'database_ref', d.public_id,
      'created_at', ${instant('p.created_at')}, 'updated_at', ${instant('p.updated_at')},
      'ready_at', ${instant('p.ready_at')}, 'deleted_at', ${instant('p.deleted_at')},
      'restorable_until', ${instant('p.restorable_until')}, 'unhealthy_since', ${instant('a.unhealthy_since')})::text as item
    from (
      select * from projects
       where organization_id = $1
         and id < $2
         and ($3::text is null or name ilike $3)
         and case when $4::text is null then status not in ('deleted', 'purging', 'purged') else status = $4 end
         and ($5::uuid is null or id = $5)
       order by id desc limit $6
    ) p
    join platform_databases d on d.organization_id = p.organization_id and d.project_id = p.id
    left join appwrite_projects a on a.organization_id = p.organization_id and a.project_id = p.id and a.state = 'live'
   order by p.id desc`;

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

/** A key that is limited to one project sees that one; the credential was checked with its current limit. */
function onlyProject({ actor }: Ctx): string | null {
  return actor.kind === 'api_key' ? actor.projectId : null;
}
