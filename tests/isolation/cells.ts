import pg from 'pg';
import { isReadable, readProbes, wholeRows, type ProbedTable } from '@/db/platform/read-probes';
import { appRole, insertExcept, relations, systemGrantsOf, systemRoles, type SystemRole, type Verb } from '@/db/platform/relations';
import type { Table } from './tables';
import type { Tenant } from './world';

/** One distinct thing that is tried: a verb in one form, on one column or row of one organization. Who tries comes on top. */
export interface Cell {
  table: string;
  verb: Verb | 'merge';
  form: string;
  /** The column or row that it is about. */
  object: string;
  statement: string;
  /** `text` answers one text, `count` is judged by the rows that it touches. */
  answers: 'text' | 'count';
  /** Whether it names the foreign row itself, so that touching anything is a leak. */
  byKey: boolean;
}

export interface Leak {
  actor: string;
  table: string;
  cell: string;
  saw: string;
}

/** In which context, and in which role, the cells are tried. */
export interface CellActor {
  name: string;
  opening: string;
  /** What this actor may not do at all; undefined for one that rows decide about. */
  refusedFor?: (table: string) => readonly string[];
}

/** The forms of reading are those of the proof that owners make in the studio; the forms of writing follow the same columns and rows. */
export function cellsOf(table: Table, own: Tenant, victim: Tenant): Cell[] {
  const probed: ProbedTable = { name: table.name, columns: table.columns.map(({ name }) => name), primaryKey: table.primaryKey };
  const rows = victim.rows.get(table.name) ?? [];
  const reading = isReadable(probed) ? readProbes(probed, { organizationId: victim.organizationId, rows }) : wholeRows(probed, victim.organizationId);
  return [
    ...reading.map(({ column, form, text, values, byKey }, index): Cell => {
      const plain = text.replaceAll(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1]));
      return { table: table.name, verb: 'select', form, object: `${column ?? 'row'} ${index}`, statement: `select coalesce(json_agg(s)::text, '') from (${plain}) s`, answers: 'text', byKey };
    }),
    ...rows.flatMap((row, index) => writing(table, row, index, own.rows.get(table.name)?.[0] ?? {})),
  ];
}

type Row = Record<string, unknown>;

function writing(table: Table, row: Row, index: number, ownRow: Row): Cell[] {
  const { name, primaryKey } = table;
  const filled = table.columns.filter((column) => row[column.name] != null && !(insertExcept[name] ?? []).includes(column.name)).map((column) => column.name);
  const where = primaryKey.map((column) => `t.${column} = ${literal(row[column])}`).join(' and ');
  const typeOf = (column: string) => table.columns.find((each) => each.name === column)?.type ?? 'text';
  const typed = (column: string, from: Row = row) => `${literal(from[column])}::${typeOf(column)}`;
  const insert = (replaced?: string) => `insert into ${name} as t (${filled.join(', ')}) values (${filled.map((column) => typed(column, column === replaced ? ownRow : row)).join(', ')})`;
  const returned = (statement: string) => `with x as (${statement} returning t.*) select coalesce(json_agg(x)::text, '') from x`;
  const keyed = primaryKey.every((column) => filled.includes(column));
  return filled.flatMap((column): Cell[] => {
    const cell = (verb: Cell['verb'], form: string, statement: string, answers: Cell['answers'], byKey: boolean): Cell => ({ table: name, verb, form, object: `${column} ${index}`, statement, answers, byKey });
    const byValue = `t.${column} = ${typed(column)}`;
    return [
      cell('update', 'update by key', `update ${name} t set ${column} = t.${column} where ${where}`, 'count', true),
      cell('update', 'update by key, returning', returned(`update ${name} t set ${column} = t.${column} where ${where}`), 'text', true),
      cell('update', 'update by value, returning', returned(`update ${name} t set ${column} = t.${column} where ${byValue}`), 'text', false),
      cell('delete', 'delete by key and value', `delete from ${name} t where ${where} and ${byValue}`, 'count', true),
      cell('delete', 'delete by value, returning', returned(`delete from ${name} t where ${byValue}`), 'text', false),
      ...(column === 'organization_id' ? [] : [cell('insert', 'insert with one own value', insert(column), 'count', table.columns.some((each) => each.name === 'organization_id'))]),
      ...(keyed ? [cell('insert', 'on conflict do update', `${insert()} on conflict (${primaryKey.join(', ')}) do update set ${column} = excluded.${column}`, 'count', true)] : []),
      ...(keyed ? [cell('merge', 'merge by key', `merge into ${name} t using (values (${typed(column)})) s(v) on ${where} when matched then update set ${column} = s.v`, 'count', true)] : []),
    ];
  });
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`;
  if (value instanceof Date) return `'${value.toISOString()}'`;
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((each) => JSON.stringify(each)).join(',')}}`);
  return pg.escapeLiteral(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** Everybody who is not of the other organization, and the roles that act across organizations where they were given nothing. */
export function cellActors({ organizationId, users }: Pick<Tenant, 'organizationId' | 'users'>): CellActor[] {
  const [person] = users;
  const as = `set local session authorization ${appRole};`;
  const tenant = `set local "app"."current_tenant" = '${organizationId}';`;
  const user = `set local "app"."current_user" = '${person}';`;
  return [
    { name: 'member', opening: as + tenant + user },
    { name: 'job', opening: as + tenant },
    { name: 'person outside any organization', opening: as + user },
    { name: 'nobody', opening: as },
    ...systemRoles.map((role): CellActor => ({ name: role, opening: `${as} set local role ${role};`, refusedFor: (table) => missingFor(role, table) })),
  ];
}

function missingFor(role: SystemRole, table: string): readonly string[] {
  const relation = relations[table];
  const held: readonly string[] = relation === undefined ? [] : (systemGrantsOf(relation)[role] ?? []);
  return ['select', 'insert', 'update', 'delete'].filter((verb) => !held.includes(verb));
}

/**
 * Runs statements inside the database, each undone at once, because a round trip for each would take hours. It has the
 * rights of whoever calls it, and answers `ok` with what was seen, or `no` with the code of the refusal.
 */
export async function installRunner(owner: pg.ClientBase): Promise<void> {
  await owner.query(`
    create schema probing;
    grant usage on schema probing to public;
    create function probing.attempt(statement text, answers text) returns text language plpgsql as $$
    declare answer text; touched bigint;
    begin
      begin
        if answers = 'text' then
          execute statement into answer;
        else
          execute statement;
          get diagnostics touched = row_count;
          answer := touched::text;
        end if;
        raise sqlstate 'UNDO0';
      exception
        when sqlstate 'UNDO0' then return 'ok ' || coalesce(answer, '');
        when others then return 'no ' || sqlstate;
      end;
    end $$;
    grant execute on function probing.attempt(text, text) to public`);
}

/** No privilege or a policy, a reference, a unique or check constraint. Anything else means that the cell itself is wrong. */
const refusals = ['42501', '23503', '23505', '23514', '23001'];
const atOnce = 400;

export interface CellFindings {
  probes: number;
  refused: number;
  leaks: Leak[];
  /** The forms by which something was seen. */
  forms: Set<string>;
  /** The forms of which something was refused. */
  refusedForms: Set<string>;
}

/** Tries the cells as one actor, in a transaction that is open already and left as it was. */
export async function tryCells(owner: pg.ClientBase, actor: CellActor, cells: readonly Cell[], victimIds: ReadonlySet<string>): Promise<CellFindings> {
  const found: CellFindings = { probes: 0, refused: 0, leaks: [], forms: new Set(), refusedForms: new Set() };
  const mine = actor.refusedFor === undefined ? cells : cells.filter(({ table, verb }) => actor.refusedFor?.(table).includes(verb === 'merge' ? 'update' : verb));
  await owner.query('savepoint cells');
  await owner.query(actor.opening);
  for (let from = 0; from < mine.length; from += atOnce) {
    const batch = mine.slice(from, from + atOnce);
    const { rows } = await owner.query<{ said: string }>('select probing.attempt(s, m) as said from unnest($1::text[], $2::text[]) with ordinality as u(s, m, n) order by n', [batch.map(({ statement }) => statement), batch.map(({ answers }) => answers)]);
    for (const [index, cell] of batch.entries()) judge(found, actor, cell, rows[index]?.said ?? '', victimIds);
  }
  await owner.query('rollback to savepoint cells; release savepoint cells; reset session authorization');
  return found;
}

function judge(found: CellFindings, actor: CellActor, cell: Cell, said: string, victimIds: ReadonlySet<string>): void {
  found.probes += 1;
  if (said.startsWith('no ')) {
    const code = said.slice(3);
    if (!refusals.includes(code)) throw new Error(`${code} for ${cell.form} of ${cell.table}.${cell.object}: ${cell.statement}`);
    found.refused += 1;
    found.refusedForms.add(cell.form);
    return;
  }
  const saw = seen(cell, said.slice(3), victimIds) ?? (actor.refusedFor === undefined ? null : 'an answer without the right to one');
  if (saw === null) return;
  found.forms.add(cell.form);
  found.leaks.push({ actor: actor.name, table: cell.table, cell: `${cell.form}: ${cell.object}`, saw });
}

function seen({ answers, byKey }: Cell, said: string, victimIds: ReadonlySet<string>): string | null {
  if (answers === 'count') return byKey && said !== '0' ? `${said} rows touched` : null;
  for (const [word] of said.matchAll(/[\w-]{16,}/g)) if (victimIds.has(word)) return word;
  return byKey && said !== '' ? said.slice(0, 80) : null;
}
