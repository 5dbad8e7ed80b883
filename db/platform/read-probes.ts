import type { Tx } from './client';
import { relations } from './relations';

export interface ProbedTable {
  name: string;
  columns: string[];
  primaryKey: string[];
}

/** One way to read rows that belong to somebody else. */
export interface ReadProbe {
  table: string;
  /** Null for whole rows. */
  column: string | null;
  form: string;
  text: string;
  values: unknown[];
  /** Whether it names a foreign row, so that any row in the answer is that one. */
  byKey: boolean;
}

/** Every table of the catalog but those that are the same for everyone, as any role may read it. */
export async function readProbedTables(tx: Pick<Tx, 'query'>): Promise<ProbedTable[]> {
  const rows = await tx.query<ProbedTable & { name: string }>(`
    select c.relname as name,
           (select json_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           (select json_agg(a.attname order by p.n) from pg_index i cross join unnest(i.indkey) with ordinality p(attnum, n)
              join pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum where i.indrelid = c.oid and i.indisprimary) as "primaryKey"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') order by c.relname`);
  return rows.filter(({ name }) => relations[name]?.class !== 'public');
}

/** Whether requests may read the table at all; where they may not, the server refuses every form alike. */
export function isReadable({ name }: ProbedTable): boolean {
  const relation = relations[name];
  return relation !== undefined && (relation.class === 'tenant' || relation.class === 'user-owned');
}

type Row = Record<string, unknown>;

/** So many rows are proof enough, and a hole in a large table must not be carried through this process. */
export const mostProbed = 200;
const few = `limit ${mostProbed}`;

interface Source {
  /** What stands after `from`. */
  from: string;
  values: unknown[];
  /** The table by itself, for forms that take nothing else; null where reading it whole would take a minute. */
  plain: string | null;
}

/** Where the policy leads to no index, only the rows that are sought are asked for, which the policy hides just as well. */
function sourceOf({ name }: ProbedTable, organizationId: string): Source {
  const relation = relations[name];
  const unindexed = relation?.class === 'user-owned' && relation.unindexed === true;
  return unindexed ? { from: `(select * from ${name} where organization_id = $1)`, values: [organizationId], plain: null } : { from: name, values: [], plain: name };
}

/**
 * Every form of reading a table: whole rows, each column, and what names a row of somebody else or one of its values.
 * A value is best given as the text that Postgres writes for it, which fits a parameter of any type.
 */
export function readProbes(table: ProbedTable, victim: { organizationId: string; rows: readonly Row[] }): ReadProbe[] {
  return [...wholeRows(table, victim.organizationId), ...table.columns.flatMap((column) => ofColumn(table, column, victim.organizationId)), ...victim.rows.flatMap((row) => ofRow(table, row, victim.organizationId))];
}

/** The forms that need no column, which are all that is worth trying where reading is refused altogether. */
export function wholeRows(table: ProbedTable, organizationId: string): ReadProbe[] {
  const { from, values, plain } = sourceOf(table, organizationId);
  const probe = (form: string, text: string, given: unknown[] = values, byKey = false): ReadProbe => ({ table: table.name, column: null, form, text, values: given, byKey });
  return [
    probe('select', `select * from ${from} t ${few}`),
    probe('subquery', `select s.* from (select * from ${from} t offset 0) s ${few}`),
    probe('materialized', `with s as materialized (select * from ${from} t) select * from s ${few}`),
    probe('lateral', `select s.* from (values (1)) v, lateral (select * from ${from} t) s ${few}`),
    probe('as JSON', `select to_jsonb(t) from ${from} t ${few}`),
    probe('aggregate', `select coalesce(json_agg(t), '[]') from (select * from ${from} t ${few}) t`),
    ...(plain === null
      ? []
      : [
          probe('table', `select * from (table ${plain}) t ${few}`),
          probe('only', `select * from only ${plain} ${few}`),
          probe('sample', `select * from ${plain} tablesample system (100) ${few}`),
          probe('as XML', `select query_to_xml('select * from ${plain} ${few}', true, false, '')::text`),
        ]),
    ...(table.columns.includes('organization_id') ? [probe('by organization', `select * from ${table.name} where organization_id = $1 ${few}`, [organizationId], true)] : []),
  ];
}

function ofColumn(table: ProbedTable, column: string, organizationId: string): ReadProbe[] {
  const { from, values } = sourceOf(table, organizationId);
  const probe = (form: string, text: string): ReadProbe => ({ table: table.name, column, form, text, values, byKey: false });
  return [
    probe('select', `select ${column} from ${from} t ${few}`),
    probe('distinct', `select distinct ${column}::text from ${from} t ${few}`),
    probe('highest', `select max(${column}::text) from ${from} t`),
    probe('lowest', `select min(${column}::text) from ${from} t`),
    probe('aggregate', `select string_agg(${column}::text, ' ') from (select ${column} from ${from} t ${few}) t`),
    probe('ordered', `select * from ${from} t order by ${column}::text desc limit 20`),
    probe('grouped', `select ${column}::text, count(*) from ${from} t group by 1 ${few}`),
  ];
}

function ofRow(table: ProbedTable, row: Row, organizationId: string): ReadProbe[] {
  const { name, columns, primaryKey } = table;
  const where = primaryKey.map((column, index) => `${column} = $${index + 1}`).join(' and ');
  const key = primaryKey.map((column) => row[column]);
  const known = columns.filter((column) => row[column] != null);
  const { from, values } = sourceOf(table, organizationId);
  const value = `$${values.length + 1}`;
  return [
    { table: name, column: null, form: 'by key', text: `select * from ${name} where ${where}`, values: key, byKey: true },
    { table: name, column: null, form: 'exists', text: `select true where exists (select from ${name} where ${where})`, values: key, byKey: true },
    ...known.map((column): ReadProbe => ({
      table: name, column, form: 'by value', text: `select * from ${from} t where ${column} = ${value} ${few}`, values: [...values, row[column]], byKey: primaryKey.length === 1 && primaryKey[0] === column,
    })),
  ];
}
