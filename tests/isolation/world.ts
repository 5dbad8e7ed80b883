import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { newUuid } from '@/lib/kernel/ids';
import { readTables, type Column, type Table } from './tables';

type Row = Record<string, unknown>;

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
  for (const { name } of tables.filter((table) => isShared(table.name))) rows.set(name, (await owner.query(`select * from ${name}`)).rows);
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
  const values = [...tenant.rows].filter(([name]) => !isShared(name)).flatMap(([, rows]) => rows.flatMap((row) => known.map((column) => row[column])));
  tenant.ids = [...new Set(values.filter((value) => typeof value === 'string' && value.length >= 16).map(String))];
  return tenant;
}

const indexes: Record<string, number[]> = { organizations: [0], users: [0, 1, 2], projects: [0, 1, 2] };

/** The column that stays empty: where a row may fill only one of two, or would use up what a probe needs. */
const empty: Record<string, string> = { environment_variables: 'value', sagas: 'service_id', webhooks: 'disabled_reason', isolation_proofs: 'signed_report' };

let counter = 0;

/** A value for every column: from the row it refers to, from the tenant, from its check, or by its type. */
function valuesFor(table: Table, tenant: Tenant | null, index: number, rows: Map<string, Row[]>): Row {
  counter += 1;
  const values: Row = {};
  for (const { columns, target, targetColumns } of table.foreignKeys) {
    // A row that refers to one of its own table is not the first one.
    if (target === table.name || columns.some((column) => empty[table.name] === column)) continue;
    const referred = rows.get(target) ?? [];
    const row = referred[index % Math.min(2, referred.length)];
    if (row === undefined) throw new Error(`${table.name} refers to ${target}, which has no row yet`);
    for (const [position, column] of columns.entries()) values[column] = row[targetColumns[position] ?? ''];
  }
  const ownIds: Record<string, string | undefined> = { organizations: tenant?.organizationId, users: tenant?.users[index], projects: tenant?.projects[index] };
  const ownId = ownIds[table.name];
  if (ownId !== undefined) values['id'] = ownId;
  for (const column of table.columns) {
    if (column.name in values || empty[table.name] === column.name) continue;
    const value = ownerOf(column, tenant, index) ?? plainValue(column);
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

function plainValue({ name, type, nullable, hasDefault, listed }: Column): unknown {
  if (listed !== null) return hasDefault ? undefined : listed;
  switch (type) {
    case 'text':
      return `${name}-${randomBytes(12).toString('hex')}`;
    case 'bytea':
      return randomBytes(32);
    case 'timestamp with time zone':
      // Open rows: nothing ended, revoked or accepted.
      return nullable || hasDefault ? undefined : new Date(Date.now() + 86_400_000);
    case 'uuid':
      return nullable || hasDefault ? undefined : newUuid();
    case 'integer':
    case 'bigint':
      return nullable || hasDefault ? undefined : counter;
    case 'jsonb':
      return nullable || hasDefault ? undefined : '{}';
    case 'text[]':
      return nullable || hasDefault ? undefined : [];
    case 'boolean':
      return nullable || hasDefault ? undefined : false;
    default:
      throw new Error(`no value is known for the type ${type} of ${name}`);
  }
}

async function insert(owner: pg.ClientBase, table: Table, values: Row): Promise<Row> {
  const columns = Object.keys(values);
  const { rows } = await owner.query<Row>(
    `insert into ${table.name} (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')}) returning *`,
    Object.values(values),
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`nothing was inserted into ${table.name}`);
  return row;
}

/** Some tables take one open row of an organization. */
async function insertUnlessTaken(owner: pg.ClientBase, table: Table, values: Row): Promise<Row | null> {
  try {
    return await insert(owner, table, values);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '23505') return null;
    throw error;
  }
}
