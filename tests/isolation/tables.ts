import type pg from 'pg';
import { relations } from '@/db/platform/relations';

export interface Column {
  name: string;
  type: string;
  nullable: boolean;
  hasDefault: boolean;
  /** The first value that a check constraint lists, when one does. */
  listed: string | null;
}

export interface ForeignKey {
  columns: string[];
  target: string;
  targetColumns: string[];
}

export interface Table {
  name: string;
  class: (typeof relations)[string]['class'];
  columns: Column[];
  primaryKey: string[];
  foreignKeys: ForeignKey[];
}

/** Reads every table of the platform from the catalog, referenced ones first, so that a new one is tested unasked. */
export async function readTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Omit<Table, 'class'>>(`
    select c.relname as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null), 'nullable', not a.attnotnull, 'hasDefault', a.atthasdef,
                'listed', (select (regexp_match(pg_get_constraintdef(k.oid), '\\(' || a.attname || ' = ANY \\(ARRAY\\[''([^'']*)'''))[1]
                             from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1)) order by a.attnum)
         from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select json_agg(a.attname order by p.n) from pg_index i cross join unnest(i.indkey) with ordinality p(attnum, n)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum where i.indrelid = c.oid and i.indisprimary) as "primaryKey",
      coalesce((select json_agg(json_build_object('target', k.confrelid::regclass::text,
                'columns', (select json_agg(a.attname order by p.n) from unnest(k.conkey) with ordinality p(attnum, n) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.attnum),
                'targetColumns', (select json_agg(a.attname order by p.n) from unnest(k.confkey) with ordinality p(attnum, n) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.attnum)))
         from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'), '[]') as "foreignKeys"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') order by c.relname`);
  return inOrder(rows.map((row) => ({ ...row, class: classOf(row.name) })));
}

function classOf(name: string): Table['class'] {
  const relation = relations[name];
  if (relation === undefined) throw new Error(`${name} is not in relations.ts`);
  return relation.class;
}

function inOrder(tables: Table[]): Table[] {
  const ordered: Table[] = [];
  const rest = new Set(tables);
  while (rest.size > 0) {
    const ready = [...rest].filter((table) => table.foreignKeys.every(({ target }) => target === table.name || ordered.some(({ name }) => name === target)));
    if (ready.length === 0) throw new Error('the tables refer to each other in a circle');
    for (const table of ready) {
      ordered.push(table);
      rest.delete(table);
    }
  }
  return ordered;
}
