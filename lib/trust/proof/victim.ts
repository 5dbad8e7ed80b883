import { isReadable, readProbedTables, type ProbedTable } from '@/db/platform/read-probes';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';

/** What there is to reach: the rows of one organization, as it sees them itself. */
export interface Victim {
  organizationId: string;
  tables: ProbedTable[];
  /** Some rows of each table, the newest ones, by which they are asked for. */
  rows: Map<string, Record<string, unknown>[]>;
  /** Ids by which any of the organization's rows is known again in an answer. */
  ids: ReadonlySet<string>;
  /** One public id for each kind of thing that an address of the API can name; missing where there is none. */
  targets: Partial<Record<Target, string>>;
}

const targetQueries = {
  organization: 'select public_id as id from organizations where id = $1',
  // With its deployment, where there is one: an address that names both finds nothing when they do not belong together.
  project: `select p.public_id as id from projects p left join deployments d on d.organization_id = p.organization_id and d.project_id = p.id
             where p.organization_id = $1 order by d.id desc nulls last, p.id desc limit 1`,
  deployment: 'select public_id as id from deployments where organization_id = $1 order by id desc limit 1',
  webhook: 'select public_id as id from webhooks where organization_id = $1 order by id desc limit 1',
  proof: 'select public_id as id from isolation_proofs where organization_id = $1 order by id desc limit 1',
} as const;

export type Target = keyof typeof targetQueries;

export function isTarget(name: string): name is Target {
  return name in targetQueries;
}

/** So many rows of a table are looked for in every answer, and so many are asked for one by one. */
const mostKnown = 500;
const mostAsked = 5;

/** Columns whose values name a row or what it belongs to. Shorter values could be anybody's. */
const naming = ['id', 'public_id', 'organization_id', 'user_id'];
const shortestId = 16;

/**
 * Reads what the organization itself may read of everything, by conditions of its own: what the walls are worth is what
 * the proof is to find out. No secret is among it: they are sealed or hashed.
 */
export function readVictim(ctx: Ctx, organizationId: string): Promise<Victim> {
  return within(ctx, { organizationId }, 'isolation:read', async (tx) => {
    const tables = await readProbedTables(tx);
    const rows = new Map<string, Record<string, unknown>[]>();
    const ids = new Set<string>();
    for (const table of tables.filter(isReadable)) {
      const from = `from ${table.name} where ${ownRows(table)}`;
      const order = table.primaryKey.map((column) => `${column} desc`).join(', ');
      rows.set(table.name, await tx.query(`select ${asTexts(table.columns)} ${from} order by ${order} limit ${mostAsked}`, [organizationId]));
      const names = naming.filter((column) => table.columns.includes(column));
      const known = names.length === 0 ? [] : await tx.query<Record<string, string | null>>(`select ${asTexts(names)} ${from} order by ${order} limit ${mostKnown}`, [organizationId]);
      for (const value of known.flatMap((row) => Object.values(row))) if (value !== null && value.length >= shortestId) ids.add(value);
    }
    const targets: Victim['targets'] = {};
    for (const [target, query] of Object.entries(targetQueries)) {
      const [row] = await tx.query<{ id: string }>(query, [organizationId]);
      if (row !== undefined && isTarget(target)) targets[target] = row.id;
    }
    return { organizationId, tables, rows, ids, targets };
  });
}

function ownRows({ name, columns }: ProbedTable): string {
  if (columns.includes('organization_id')) return 'organization_id = $1';
  if (name === 'organizations') return 'id = $1';
  const person = name === 'users' ? 'id' : ['user_id', 'owner_id'].find((column) => columns.includes(column));
  if (person === undefined) throw new Error(`the proof of isolation does not know whose the rows of ${name} are`);
  return `${person} in (select user_id from memberships where organization_id = $1)`;
}

function asTexts(columns: readonly string[]): string {
  return columns.map((column) => `${column}::text as ${column}`).join(', ');
}

/** The first id of the organization in a text, but for those that were asked for; or null. */
export function findId(ids: ReadonlySet<string>, text: string, asked: ReadonlySet<string> = new Set()): string | null {
  for (const [word] of text.matchAll(/[\w-]{16,}/g)) if (ids.has(word) && !asked.has(word)) return word;
  return null;
}
