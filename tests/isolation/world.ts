import { randomBytes, randomInt } from 'node:crypto';
import pg from 'pg';
import { newUuid } from '@/lib/kernel/ids';
import { readTables, type Column, type Table } from './tables';

/** Values as Postgres writes them in text: to the microsecond, and fit for a parameter of any type. */
export type Row = Record<string, string | null>;

/**
 * One organization with two people, two projects and rows in every table. A third person, project and server have no
 * rows that refer to them, so that a probe can insert one without meeting a unique constraint.
 */
export interface Tenant {
  organizationId: string;
  users: string[];
  projects: string[];
  rows: Map<string, Row[]>;
  /** Ids by which any of its rows is known again in an answer. */
  ids: string[];
}

/** Words that are long enough to be nobody else's, times to the microsecond, and long numbers. */
const telling = /[\w-]{16,}|\d{2}:\d{2}:\d{2}\.\d{4,6}|\b\d{10,}\b/g;

/** What tells in a value, or in an answer, whose it is. */
export function tellingWords(text: string): string[] {
  return text.match(telling) ?? [];
}

export interface World {
  tables: Table[];
  a: Tenant;
  b: Tenant;
}

/** Fills every table that the catalog names with rows of two organizations. `owner` is a superuser's connection. */
export async function makeWorld(owner: pg.ClientBase): Promise<World> {
  const tables = await readTables(owner);
  for (const table of tables.filter(({ name }) => isShared(name))) {
    const { rows } = await owner.query(`select from ${table.name}`);
    for (let index = rows.length; index < 3; index += 1) await insert(owner, table, valuesFor(table, null, index, await sharedRows(owner, tables)));
  }
  return { tables, a: await makeTenant(owner, tables), b: await makeTenant(owner, tables) };
}

/** Tables whose rows belong to the platform as a whole. */
export function isShared(name: string): boolean {
  return name === 'plans' || name === 'appwrite_instances' || name === 'appwrite_strays';
}

async function sharedRows(owner: pg.ClientBase, tables: Table[]): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>();
  for (const table of tables.filter(({ name }) => isShared(name))) rows.set(table.name, (await owner.query<Row>(`select ${asText(table)} from ${table.name}`)).rows);
  return rows;
}

/** One more organization with rows in every table. */
export async function makeTenant(owner: pg.ClientBase, tables: Table[]): Promise<Tenant> {
  const three = () => [newUuid(), newUuid(), newUuid()];
  const tenant: Tenant = { organizationId: newUuid(), users: three(), projects: three(), rows: await sharedRows(owner, tables), ids: [] };
  for (const table of tables.filter(({ name }) => !isShared(name))) {
    const made: Row[] = [];
    tenant.rows.set(table.name, made);
    for (const index of indexes[table.name] ?? [0, 1]) {
      const row = await insertUnlessTaken(owner, table, valuesFor(table, tenant, index, tenant.rows));
      if (row !== null) made.push(row);
    }
    if (made.length === 0) throw new Error(`no row could be made for ${table.name}`);
  }
  const known = ['id', 'public_id', 'organization_id', 'user_id', 'token_hash', 'key'];
  const values = [...tenant.rows].filter(([name]) => !isShared(name)).flatMap(([, rows]) => rows.flatMap((row) => known.map((column) => row[column] ?? '')));
  tenant.ids = [...new Set(values.flatMap(tellingWords))];
  return tenant;
}

const indexes: Record<string, number[]> = { organizations: [0], users: [0, 1, 2], projects: [0, 1, 2] };

/** Of the two rows of a table the first is open and in force, the second has every column filled: ended, revoked, replaced. */
const isOpen = (index: number) => index !== 1;

/** The column that stays empty: where a row may fill only one of two, or would use up what a probe needs. */
function emptyColumn(table: string, index: number): string | undefined {
  return (isOpen(index) ? emptyWhenOpen : emptyWhenEnded)[table];
}
const emptyWhenOpen: Record<string, string> = { environment_variables: 'value', sagas: 'service_id', webhooks: 'disabled_reason', isolation_proofs: 'signed_report' };
const emptyWhenEnded: Record<string, string> = { environment_variables: 'sealed_value' };

/** What an ended row must say of itself. */
const ended: Record<string, Values> = { isolation_proofs: { state: 'finished' } };

type Values = Record<string, unknown>;

/** A value for every column: from the row it refers to, from the tenant, from its check, or by its type. */
function valuesFor(table: Table, tenant: Tenant | null, index: number, rows: Map<string, Row[]>): Values {
  const values: Values = isOpen(index) ? {} : { ...ended[table.name] };
  const empty = emptyColumn(table.name, index);
  for (const { columns, target, targetColumns } of table.foreignKeys) {
    if (columns.some((column) => column === empty)) continue;
    const referred = rows.get(target) ?? [];
    // The first row refers to none of its own table, and an ended one to the first.
    if (target === table.name && (isOpen(index) || referred.length === 0)) continue;
    const row = referred[target === table.name ? 0 : index % Math.min(2, referred.length)];
    if (row === undefined) throw new Error(`${table.name} refers to ${target}, which has no row yet`);
    for (const [position, column] of columns.entries()) values[column] = row[targetColumns[position] ?? ''];
  }
  const ownIds: Record<string, string | undefined> = { organizations: tenant?.organizationId, users: tenant?.users[index], projects: tenant?.projects[index] };
  const ownId = ownIds[table.name];
  if (ownId !== undefined) values['id'] = ownId;
  for (const column of table.columns) {
    if (column.name in values || empty === column.name) continue;
    const value = ownerOf(column, tenant, index) ?? plainValue(column, { open: isOpen(index), shared: tenant === null });
    if (value !== undefined) values[column.name] = value;
  }
  return values;
}

/** Columns that name an organization, project or person without a foreign key. */
function ownerOf({ name, type }: Column, tenant: Tenant | null, index: number): string | undefined {
  if (tenant === null || type !== 'uuid') return undefined;
  if (name === 'organization_id') return tenant.organizationId;
  if (name === 'project_id') return tenant.projects[index];
  if (name === 'owner_id' || name.endsWith('_user_id') || name.endsWith('_by')) return tenant.users[index];
  return undefined;
}

const word = (name: string) => `${name}-${randomBytes(12).toString('hex')}`;

/** A value that no other row has, wherever the type allows one. */
function plainValue({ name, type, nullable, hasDefault, listed }: Column, { open, shared }: { open: boolean; shared: boolean }): unknown {
  if (listed !== null) return hasDefault ? undefined : listed;
  switch (type) {
    case 'text':
      return word(name);
    case 'bytea':
      return randomBytes(32);
    case 'timestamp with time zone':
      if (nullable) return open || shared ? undefined : moment(-3_600_000);
      return moment(hasDefault ? -86_400_000 : 86_400_000);
    case 'uuid':
      return hasDefault || (nullable && open) ? undefined : newUuid();
    case 'integer':
    case 'bigint':
      // Servers count by theirs.
      return shared && (nullable || hasDefault) ? undefined : randomInt(1_000_000_000, 2_000_000_000);
    case 'jsonb':
      return JSON.stringify({ planted: word(name) });
    case 'text[]':
      return [word(name)];
    case 'boolean':
      return nullable || hasDefault ? undefined : false;
    default:
      throw new Error(`no value is known for the type ${type} of ${name}`);
  }
}

const start = Date.now();
let moments = 0;

/** A time to the microsecond that no other row has. */
function moment(fromNowMs: number): string {
  moments += 1;
  return new Date(start + fromNowMs + moments).toISOString().replace('Z', `${randomInt(10, 100)}${randomInt(1, 10)}Z`);
}

const asText = ({ columns }: Table) => columns.map(({ name }) => `${name}::text`).join(', ');

async function insert(owner: pg.ClientBase, table: Table, values: Values): Promise<Row> {
  const columns = Object.keys(values);
  const { rows } = await owner.query<Row>(
    `insert into ${table.name} (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')}) returning ${asText(table)}`,
    Object.values(values),
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`nothing was inserted into ${table.name}`);
  return row;
}

/** Some tables take one row of an organization. */
async function insertUnlessTaken(owner: pg.ClientBase, table: Table, values: Values): Promise<Row | null> {
  try {
    return await insert(owner, table, values);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '23505') return null;
    throw error;
  }
}
