import pg from 'pg';
import { isReadable, readProbes, wholeRows, type ProbedTable } from '@/db/platform/read-probes';
import { appRole, insertExcept, relations, systemGrantsOf, systemRoles, type SystemRole, type Verb } from '@/db/platform/relations';
import type { Table } from './tables';
import { isShared, tellingWords, type Row, type Tenant } from './world';

/** One distinct thing that is tried: a verb in one form, on one column or row of one organization. Who tries comes on top. */
export interface Cell {
  table: string;
  verb: Verb | 'merge';
  form: string;
  /** The column that it is about, null for whole rows. */
  column: string | null;
  /** Tells it from others of the same form and column. */
  index: number;
  statement: string;
  /** `text` answers one text; `count` is judged by the rows that it touches. */
  answers: 'text' | 'count';
  /** Whether it names the foreign row itself, so that touching anything is a leak. */
  byKey: boolean;
}

export interface Leak {
  actor: string;
  cell: Cell;
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
      return { table: table.name, verb: 'select', form, column, index, statement: `select coalesce(json_agg(s)::text, '') from (${plain}) s`, answers: 'text', byKey };
    }),
    ...rows.flatMap((row, index) => writing(table, row, index, own.rows.get(table.name)?.[0] ?? {}, victim)),
  ];
}

function writing(table: Table, row: Row, index: number, ownRow: Row, victim: Tenant): Cell[] {
  const { name, primaryKey } = table;
  const filled = table.columns.filter((column) => row[column.name] != null && !(insertExcept[name] ?? []).includes(column.name)).map((column) => column.name);
  const where = primaryKey.map((column) => `t.${column} = ${literal(row[column])}`).join(' and ');
  const typeOf = (column: string) => table.columns.find((each) => each.name === column)?.type ?? 'text';
  const typed = (column: string, from: Row = row) => `${literal(from[column])}::${typeOf(column)}`;
  const insert = (replaced?: string) => `insert into ${name} as t (${filled.join(', ')}) values (${filled.map((column) => typed(column, column === replaced ? ownRow : row)).join(', ')})`;
  const returned = (statement: string) => `with x as (${statement} returning t.*) select coalesce(json_agg(x)::text, '') from x`;
  // With another value in this one the row would be of somebody else.
  const belongsBy = filled.find((column) => row[column] === victim.organizationId) ?? filled.find((column) => victim.users.includes(row[column] ?? ''));
  const keyed = primaryKey.every((column) => filled.includes(column));
  return filled.flatMap((column): Cell[] => {
    const cell = (verb: Cell['verb'], form: string, statement: string, answers: Cell['answers'], byKey: boolean): Cell => ({ table: name, verb, form, column, index, statement, answers, byKey });
    const byValue = `t.${column} = ${typed(column)}`;
    return [
      cell('update', 'update by key', `update ${name} t set ${column} = t.${column} where ${where}`, 'count', true),
      cell('update', 'update by key, returning', returned(`update ${name} t set ${column} = t.${column} where ${where}`), 'text', true),
      cell('update', 'update by value, returning', returned(`update ${name} t set ${column} = t.${column} where ${byValue}`), 'text', false),
      cell('delete', 'delete by key and value', `delete from ${name} t where ${where} and ${byValue}`, 'count', true),
      cell('delete', 'delete by value, returning', returned(`delete from ${name} t where ${byValue}`), 'text', false),
      ...(column === belongsBy ? [] : [cell('insert', 'insert with one own value', insert(column), 'count', true)]),
      ...(keyed ? [cell('insert', 'on conflict do update', `${insert()} on conflict (${primaryKey.join(', ')}) do update set ${column} = excluded.${column}`, 'count', true)] : []),
      ...(keyed ? [cell('merge', 'merge by key', `merge into ${name} t using (values (${typed(column)})) s(v) on ${where} when matched then update set ${column} = s.v`, 'count', true)] : []),
    ];
  });
}

function literal(value: unknown): string {
  return value === null || value === undefined ? 'null' : pg.escapeLiteral(String(value));
}

const asApp = `set local session authorization ${appRole};`;

/** Everybody of an organization. */
export function actorsOf({ organizationId, users: [person] }: Tenant): [member: CellActor, ...CellActor[]] {
  const tenant = `set local "app"."current_tenant" = '${organizationId}';`;
  const user = `set local "app"."current_user" = '${person}';`;
  return [
    { name: 'member', opening: asApp + tenant + user },
    { name: 'job', opening: asApp + tenant },
    { name: 'person outside any organization', opening: asApp + user },
  ];
}

/** Of no organization: the runtime role without a context, and the roles that act across organizations where they were given nothing. */
export const actorsOfNone: CellActor[] = [
  { name: 'nobody', opening: asApp },
  ...systemRoles.map((role): CellActor => ({ name: role, opening: `${asApp} set local role ${role};`, refusedFor: (table) => missingFor(role, table) })),
];

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

const wall = '42501';
/** What is left to stop a statement that the wall let through: a reference, a unique or a check constraint. */
const constraints = ['23503', '23505', '23514', '23001'];
const atOnce = 400;

export interface CellFindings {
  probes: number;
  refused: number;
  leaks: Leak[];
}

/** Tries the cells as one actor, in a transaction that is open already and left as it was. `foreign` are the words by which what is not the actor's is known. */
export async function tryCells(owner: pg.ClientBase, actor: CellActor, cells: readonly Cell[], foreign: ReadonlySet<string>): Promise<CellFindings> {
  const found: CellFindings = { probes: 0, refused: 0, leaks: [] };
  const mine = actor.refusedFor === undefined ? cells : cells.filter(({ table, verb }) => actor.refusedFor?.(table).includes(verb === 'merge' ? 'update' : verb));
  await owner.query('savepoint cells');
  await owner.query(actor.opening);
  for (let from = 0; from < mine.length; from += atOnce) {
    const batch = mine.slice(from, from + atOnce);
    const { rows } = await owner.query<{ said: string }>('select probing.attempt(s, m) as said from unnest($1::text[], $2::text[]) with ordinality as u(s, m, n) order by n', [batch.map(({ statement }) => statement), batch.map(({ answers }) => answers)]);
    for (const [index, cell] of batch.entries()) judge(found, actor, cell, rows[index]?.said ?? '', foreign);
  }
  await owner.query('rollback to savepoint cells; release savepoint cells; reset session authorization');
  return found;
}

function judge(found: CellFindings, actor: CellActor, cell: Cell, said: string, foreign: ReadonlySet<string>): void {
  found.probes += 1;
  if (said === `no ${wall}`) {
    found.refused += 1;
    return;
  }
  const saw = said.startsWith('no ') ? stopped(cell, said.slice(3), foreign) : (seen(cell, said.slice(3), foreign) ?? (actor.refusedFor === undefined ? null : 'an answer without the right to one'));
  if (saw !== null) found.leaks.push({ actor: actor.name, cell, saw });
}

function stopped({ form, table, statement, byKey }: Cell, code: string, foreign: ReadonlySet<string>): string | null {
  if (!constraints.includes(code)) throw new Error(`${code} for ${form} of ${table}: ${statement}`);
  return byKey || isNamed(statement, foreign) ? `${code}, a constraint, where the wall should stop it` : null;
}

/** Whether a statement names something foreign. What names a value that everybody has meets own rows too. */
function isNamed(statement: string, foreign: ReadonlySet<string>): boolean {
  return tellingWords(statement).some((word) => foreign.has(word));
}

function seen({ answers, byKey }: Cell, said: string, foreign: ReadonlySet<string>): string | null {
  if (answers === 'count') return byKey && said !== '0' ? `${said} rows touched` : null;
  return tellingWords(said).find((word) => foreign.has(word)) ?? (byKey && said !== '' ? said.slice(0, 80) : null);
}

/** Whom nothing stops: what a cell shows neither to them nor to a constraint, it cannot leak. */
export const unstoppable: CellActor = { name: 'somebody whom nothing stops', opening: '' };

/** The words by which everything that is not of `own` is known, altogether and by its column. */
export interface Foreign {
  words: ReadonlySet<string>;
  /** `table.column` of those that hold such a word. */
  columns: ReadonlySet<string>;
}

export function foreignTo(own: Tenant, tenants: readonly Tenant[]): Foreign {
  const ownWords = new Set(wordsOf(own).filter(({ table }) => !isShared(table)).map(({ word }) => word));
  const foreign = tenants.filter((tenant) => tenant !== own).flatMap(wordsOf).filter(({ word }) => !ownWords.has(word));
  return { words: new Set(foreign.map(({ word }) => word)), columns: new Set(foreign.map(({ table, column }) => `${table}.${column}`)) };
}

/** Without the price list, which is everybody's. */
function wordsOf({ rows }: Tenant): { table: string; column: string; word: string }[] {
  const walled = [...rows].filter(([table]) => relations[table]?.class !== 'public');
  const values = walled.flatMap(([table, ofTable]) => ofTable.flatMap((row) => Object.entries(row).map(([column, value]) => ({ table, column, value }))));
  return values.flatMap(({ table, column, value }) => tellingWords(value ?? '').map((word) => ({ table, column, word })));
}

/** Reading a column alone, which shows nothing else of the row. */
const ofOneColumn = new Set(['select', 'distinct', 'highest', 'lowest', 'aggregate', 'grouped']);
const extremes = new Set(['highest', 'lowest']);

export type WhyQuiet = 'no value that tells whose it is' | 'an own row has the extreme value' | 'a constraint keeps rows by a value that everybody has';

/** Why a cell may show nothing although nothing stops it; null when there is no reason to. */
export function whyQuiet({ form, table, column, statement }: Cell, { columns, words }: Foreign): WhyQuiet | null {
  if (form === 'delete by value, returning' && !isNamed(statement, words)) return 'a constraint keeps rows by a value that everybody has';
  if (column === null || !ofOneColumn.has(form)) return null;
  if (!columns.has(`${table}.${column}`)) return 'no value that tells whose it is';
  return extremes.has(form) ? 'an own row has the extreme value' : null;
}
