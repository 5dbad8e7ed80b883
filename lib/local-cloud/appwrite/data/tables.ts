import { AppwriteError } from '../errors';
import { find, findBy, remove, removeBy } from '../documents';
import { isoTime } from '../ids';
import { stamp } from '../listing';
import type { Namespace } from '../namespace';
import type { Call } from '../route';
import { columns, databases, indexes, tablesOf, type Attribute, type Collection, type ColumnDocument, type DatabaseDocument, type IndexDocument, type TableDocument } from '../schema';
import { columnBytes, isStored, toAttribute, toColumn } from './column-types';
import { capital, type Dialect } from './dialect';
import { relationsOf, type Relation } from './relation';
import type { Structure } from './structure';

/** A table with everything that its rows need. */
export interface OpenTable extends Structure {
  database: DatabaseDocument;
  table: TableDocument;
  indexes: IndexDocument[];
  relations: Relation[];
  /** The collection of the rows: available columns only. */
  rows: Collection;
}

export async function databaseOrThrow(call: Call): Promise<DatabaseDocument> {
  const id = call.path('databaseId');
  const database = await find(call.ns, databases, id);
  // What is switched off does not exist for anybody without a key.
  if (database === undefined || !(database.values.enabled || call.actor.privileged)) throw databaseMissing(id);
  return database;
}

export function databaseMissing(id: string): AppwriteError {
  return new AppwriteError('database_not_found', `Database with the requested ID '${id}' could not be found.`);
}

export async function tableOrThrow(call: Call, dialect: Dialect, database: DatabaseDocument): Promise<TableDocument> {
  const id = call.path('tableId');
  const table = await find(call.ns, tablesOf(database.$sequence), id);
  if (table === undefined || !(table.values.enabled || call.actor.privileged)) {
    throw new AppwriteError(dialect.error.tableMissing, `${capital(dialect.table)} with the requested ID '${id}' could not be found.`);
  }
  return table;
}

export async function openTable(call: Call, dialect: Dialect): Promise<OpenTable> {
  const database = await databaseOrThrow(call);
  return openTableOf(call.ns, dialect, database, await tableOrThrow(call, dialect, database));
}

export async function openTableOf(ns: Namespace, dialect: Dialect, database: DatabaseDocument, table: TableDocument): Promise<OpenTable> {
  const owner = { database: database.$sequence, table: table.$sequence };
  const [allColumns, allIndexes] = [await findBy(ns, columns, owner), await findBy(ns, indexes, owner)];
  const available = allColumns.filter(({ values }) => values.status === 'available');
  const stored = available.filter(({ values }) => isStored(values));
  return {
    dialect, database, table, columns: stored, indexes: allIndexes, relations: relationsOf(available),
    rows: rowsOf(database.$sequence, table.$sequence, stored),
  };
}

/** The collection of a table's rows; its physical name carries both sequences. */
export function rowsOf(database: number, table: number, available: readonly ColumnDocument[]): Collection {
  const attributes: Record<string, Attribute> = {};
  for (const { values } of available) attributes[values.key] = toAttribute(values);
  return { name: `database_${database}_collection_${table}`, attributes };
}

const ROW_BYTES = 65_535;
const FIXED_BYTES = 1067;

/** The table as the API shows it. */
export function toTable(dialect: Dialect, database: DatabaseDocument, table: TableDocument, shown: { columns: ColumnDocument[]; indexes: IndexDocument[] }): Record<string, unknown> {
  const { name, enabled, rowSecurity } = table.values;
  return {
    ...stamp(table), $permissions: table.$permissions, databaseId: database.$id, name, enabled, [dialect.rowSecurity]: rowSecurity,
    [dialect.columns]: shown.columns.map(toColumn), indexes: shown.indexes.map((index) => toIndex(dialect, index)), bytesMax: ROW_BYTES,
    bytesUsed: FIXED_BYTES + shown.columns.reduce((sum, { values }) => sum + columnBytes(values), 0),
  };
}

export function toIndex(dialect: Dialect, index: IndexDocument): Record<string, unknown> {
  const { database, table, key, type, status, error, columns: covered, lengths, orders } = index.values;
  return {
    $id: `${database}_${table}_${key}`, $createdAt: isoTime(index.$createdAt), $updatedAt: isoTime(index.$updatedAt),
    key, type, status, error, [dialect.columns]: covered, lengths, orders,
  };
}

/** Removes a table's rows and everything said about it. */
export async function dropTable(ns: Namespace, database: number, table: TableDocument): Promise<void> {
  await ns.transaction(async (tx) => {
    await tx.dropTable(rowsOf(database, table.$sequence, []).name);
    await removeBy(tx, columns, { database, table: table.$sequence });
    await removeBy(tx, indexes, { database, table: table.$sequence });
    await remove(tx, tablesOf(database), table.$sequence);
  });
}
