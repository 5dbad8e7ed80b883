import { AppwriteError } from '../errors';
import { DuplicateDocument, find, findOneBy, insert, remove } from '../documents';
import { page } from '../listing';
import { columnName, type Namespace } from '../namespace';
import { noContent, reply, route, type Call, type Reply, type Route } from '../route';
import { columns, indexes, tablesOf, type ColumnDocument, type DatabaseDocument, type IndexDocument, type TableDocument } from '../schema';
import { COLUMN_ROUTES, readColumn, type ColumnInput } from '../data/column-input';
import { toColumn } from '../data/column-types';
import { finishColumns, removeIndex } from '../data/columns-worker';
import { capital, COLLECTIONS, TABLES, type Dialect } from '../data/dialect';
import { readIndex } from '../data/inline';
import { readRelationship } from '../data/relationships';
import { databaseOrThrow, rowsOf, tableOrThrow, toIndex } from '../data/tables';

export const columnRoutes: Route[] = [TABLES, COLLECTIONS].flatMap((dialect) => {
  const other = dialect === TABLES ? COLLECTIONS : TABLES;
  const READ = { scopes: [`${dialect.columns}.read`, `${other.columns}.read`, `${dialect.tables}.read`, `${other.tables}.read`] };
  const WRITE = { scopes: [`${dialect.columns}.write`, `${other.columns}.write`, `${dialect.tables}.write`, `${other.tables}.write`] };
  const INDEX_READ = { scopes: ['indexes.read', `${dialect.tables}.read`, `${other.tables}.read`] };
  const INDEX_WRITE = { scopes: ['indexes.write', `${dialect.tables}.write`, `${other.tables}.write`] };
  const table = `${dialect.base}/:databaseId/${dialect.tables}/:tableId` as const;
  return [
    route(`GET ${table}/${dialect.columns}`, READ, async (call) => {
      const { owner } = await locate(call, dialect);
      const { total, documents } = await page(call.input, { ns: call.ns, collection: columns, noun: capital(dialect.column), where: { ...owner } });
      return reply(200, { total, [dialect.columns]: documents.map(toColumn) });
    }),
    ...Object.keys(COLUMN_ROUTES).map((kind) => route(`POST ${table}/${dialect.columns}/${kind}`, WRITE, (call) => createColumn(call, dialect, kind))),
    ...(dialect === TABLES ? [route(`POST ${table}/columns/relationship`, WRITE, (call) => createRelationship(call, dialect))] : []),
    route(`GET ${table}/${dialect.columns}/:key`, READ, async (call) => {
      const { owner } = await locate(call, dialect);
      return reply(200, toColumn(await columnOrThrow(call, dialect, owner)));
    }),
    route(`DELETE ${table}/${dialect.columns}/:key`, WRITE, (call) => deleteColumn(call, dialect)),
    route(`GET ${table}/indexes`, INDEX_READ, async (call) => {
      const { owner } = await locate(call, dialect);
      const { total, documents } = await page(call.input, { ns: call.ns, collection: indexes, noun: 'Index', where: { ...owner } });
      return reply(200, { total, indexes: documents.map((index) => toIndex(dialect, index)) });
    }),
    route(`POST ${table}/indexes`, INDEX_WRITE, (call) => createIndex(call, dialect)),
    route(`GET ${table}/indexes/:key`, INDEX_READ, async (call) => {
      const { owner } = await locate(call, dialect);
      return reply(200, toIndex(dialect, await indexOrThrow(call, owner)));
    }),
    route(`DELETE ${table}/indexes/:key`, INDEX_WRITE, async (call) => {
      const { owner } = await locate(call, dialect);
      const index = await indexOrThrow(call, owner);
      await removeIndex(call.ns, index);
      await remove(call.ns, indexes, index.$sequence);
      return noContent();
    }),
  ];
});

interface Owner {
  database: number;
  table: number;
}

async function locate(call: Call, dialect: Dialect): Promise<{ database: DatabaseDocument; table: TableDocument; owner: Owner }> {
  const database = await databaseOrThrow(call);
  const table = await tableOrThrow(call, dialect, database);
  return { database, table, owner: { database: database.$sequence, table: table.$sequence } };
}

/** Answers at once with a column in `processing`: the worker makes it real. */
async function createColumn(call: Call, dialect: Dialect, kind: string): Promise<Reply> {
  const values = readColumn(call.input, kind, dialect);
  const { owner } = await locate(call, dialect);
  const column = await insertColumn(call.ns, dialect, { ...values, ...owner });
  enqueueColumns(call);
  return reply(202, toColumn(column));
}

async function createRelationship(call: Call, dialect: Dialect): Promise<Reply> {
  const { database, table, owner } = await locate(call, dialect);
  const { own, other, relatedTable } = readRelationship(call.input, table.$id);
  const related = await find(call.ns, tablesOf(database.$sequence), relatedTable);
  if (related === undefined) throw new AppwriteError(dialect.error.tableMissing, `${capital(dialect.table)} with the requested ID '${relatedTable}' could not be found.`);
  const theirs = { database: owner.database, table: related.$sequence };
  const column = await call.ns.transaction(async (ns) => {
    if (other !== undefined) await insertColumn(ns, dialect, { ...other, ...theirs });
    return insertColumn(ns, dialect, { ...own, ...owner });
  });
  enqueueColumns(call);
  return reply(202, toColumn(column));
}

async function insertColumn(ns: Namespace, dialect: Dialect, values: ColumnInput & Owner): Promise<ColumnDocument> {
  try {
    return await insert(ns, columns, { id: 'unique()', values: { ...values, status: 'processing' } });
  } catch (error) {
    if (!(error instanceof DuplicateDocument)) throw error;
    throw new AppwriteError(dialect.error.columnExists, `${capital(dialect.column)} with the requested key '${values.key}' already exists. ${capital(dialect.column)} keys must be unique, try again with a different key.`);
  }
}

async function deleteColumn(call: Call, dialect: Dialect): Promise<Reply> {
  const { owner } = await locate(call, dialect);
  const column = await columnOrThrow(call, dialect, owner);
  await call.ns.transaction(async (ns) => {
    await ns.query(`ALTER TABLE ${ns.table(rowsOf(owner.database, owner.table, []).name)} DROP COLUMN IF EXISTS ${columnName(column.values.key)}`);
    await remove(ns, columns, column.$sequence);
  });
  return noContent();
}

async function createIndex(call: Call, dialect: Dialect): Promise<Reply> {
  const values = readIndex(call.input, dialect);
  const { owner } = await locate(call, dialect);
  for (const key of values.columns) {
    const column = await findOneBy(call.ns, columns, { ...owner, key });
    if (column === undefined && !key.startsWith('$')) throw new AppwriteError(dialect.error.columnUnknown, `The ${dialect.column} '${key}' required for the index could not be found. Please confirm all your ${dialect.columns} are in the available state.`);
    if (column !== undefined && column.values.status !== 'available') {
      throw new AppwriteError(dialect.error.columnUnavailable, `The requested ${dialect.column} '${key}' is not yet available. Please try again later.`);
    }
  }
  try {
    const index = await insert(call.ns, indexes, { id: 'unique()', values: { ...values, ...owner, status: 'processing' } });
    enqueueColumns(call);
    return reply(202, toIndex(dialect, index));
  } catch (error) {
    throw error instanceof DuplicateDocument ? new AppwriteError('index_already_exists') : error;
  }
}

function enqueueColumns({ ns, platform }: Call): void {
  if (platform.faults.settings.columns === 'lost') return;
  platform.jobs.later(platform.settings.columnDelayMs, 'columns worker', () => finishColumns(ns));
}

async function columnOrThrow(call: Call, dialect: Dialect, owner: Owner): Promise<ColumnDocument> {
  const column = await findOneBy(call.ns, columns, { ...owner, key: call.path('key') });
  if (column === undefined) throw new AppwriteError(dialect.error.columnMissing, `${capital(dialect.column)} with the requested key '${call.path('key')}' could not be found.`);
  return column;
}

async function indexOrThrow(call: Call, owner: Owner): Promise<IndexDocument> {
  const index = await findOneBy(call.ns, indexes, { ...owner, key: call.path('key') });
  if (index === undefined) throw new AppwriteError('index_not_found', `Index with the requested key '${call.path('key')}' could not be found.`);
  return index;
}
