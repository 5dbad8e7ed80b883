import { AppwriteError } from '../errors';
import { createCollection, DuplicateDocument, findBy, insert, update } from '../documents';
import { uniqueId } from '../ids';
import { page } from '../listing';
import { boolean, customId, objects, text } from '../params';
import { permissionList } from '../permissions';
import { noContent, reply, route, type Call, type Reply, type Route } from '../route';
import { columns, indexes, tablesOf, type DatabaseDocument, type TableDocument } from '../schema';
import { addColumn, addIndex } from '../data/columns-worker';
import { COLLECTIONS, TABLES, capital, type Dialect } from '../data/dialect';
import { readInlineColumn, readInlineIndex } from '../data/inline';
import { databaseOrThrow, dropTable, rowsOf, tableOrThrow, toTable } from '../data/tables';

export const tableRoutes: Route[] = [TABLES, COLLECTIONS].flatMap((dialect) => {
  const other = dialect === TABLES ? COLLECTIONS : TABLES;
  const READ = { scopes: [`${dialect.tables}.read`, `${other.tables}.read`] };
  const WRITE = { scopes: [`${dialect.tables}.write`, `${other.tables}.write`] };
  const base = `${dialect.base}/:databaseId/${dialect.tables}` as const;
  return [
    route(`GET ${base}`, READ, async (call) => {
      const database = await databaseOrThrow(call);
      const { total, documents, select } = await page(call.input, { ns: call.ns, collection: tablesOf(database.$sequence), noun: capital(dialect.table) });
      return reply(200, { total, [dialect.tables]: await Promise.all(documents.map(async (table) => select(await shown(call, dialect, database, table)))) });
    }),
    route(`POST ${base}`, WRITE, (call) => createTable(call, dialect)),
    route(`GET ${base}/:tableId`, READ, async (call) => {
      const database = await databaseOrThrow(call);
      return reply(200, await shown(call, dialect, database, await tableOrThrow(call, dialect, database)));
    }),
    route(`PUT ${base}/:tableId`, WRITE, (call) => updateTable(call, dialect)),
    route(`DELETE ${base}/:tableId`, WRITE, async (call) => {
      const database = await databaseOrThrow(call);
      await dropTable(call.ns, database.$sequence, await tableOrThrow(call, dialect, database));
      return noContent();
    }),
  ];
});

async function createTable(call: Call, dialect: Dialect): Promise<Reply> {
  const asked = call.input.required(`${dialect.table}Id`, customId);
  const id = asked === 'unique()' ? uniqueId() : asked;
  const name = call.input.required('name', text(128));
  const permissions = call.input.optional('permissions', permissionList('container'), []);
  const rowSecurity = call.input.optional(dialect.rowSecurity, boolean, false);
  const enabled = call.input.optional('enabled', boolean, true);
  const inlineColumns = call.input.optional(dialect.columns, objects, []).map((each) => readInlineColumn(each, dialect));
  const inlineIndexes = call.input.optional('indexes', objects, []).map((each) => readInlineIndex(each, dialect));
  const database = await databaseOrThrow(call);
  try {
    const table = await call.ns.transaction(async (ns) => {
      const made = await insert(ns, tablesOf(database.$sequence), { id, permissions, values: { databaseId: database.$id, name, rowSecurity, enabled } });
      await createCollection(ns, rowsOf(database.$sequence, made.$sequence, []));
      const owner = { database: database.$sequence, table: made.$sequence, status: 'processing' };
      for (const values of inlineColumns) await addColumn(ns, await insert(ns, columns, { id: 'unique()', values: { ...values, ...owner } }));
      for (const values of inlineIndexes) await addIndex(ns, await insert(ns, indexes, { id: 'unique()', values: { ...values, ...owner } }));
      return made;
    });
    // The answer does not list the inline columns, though they are there: so does the real server.
    return reply(201, toTable(dialect, database, table, { columns: [], indexes: [] }));
  } catch (error) {
    if (!(error instanceof DuplicateDocument)) throw error;
    throw new AppwriteError(dialect.error.tableExists, `${capital(dialect.table)} with the requested ID '${id}' already exists. Try again with a different ID or use ID.unique() to generate a unique ID.`);
  }
}

async function updateTable(call: Call, dialect: Dialect): Promise<Reply> {
  const name = call.input.required('name', text(128));
  const permissions = call.input.optional('permissions', permissionList('container'), undefined);
  // Left out means off, not unchanged: the real server turns row security off here.
  const rowSecurity = call.input.optional(dialect.rowSecurity, boolean, false);
  const enabled = call.input.optional('enabled', boolean, true);
  const database = await databaseOrThrow(call);
  const table = await tableOrThrow(call, dialect, database);
  const changed = await update(call.ns, tablesOf(database.$sequence), table.$sequence, {
    values: { name, rowSecurity, enabled }, ...(permissions === undefined ? {} : { permissions }),
  });
  return reply(200, await shown(call, dialect, database, changed ?? table));
}

async function shown(call: Call, dialect: Dialect, database: DatabaseDocument, table: TableDocument): Promise<Record<string, unknown>> {
  const owner = { database: database.$sequence, table: table.$sequence };
  return toTable(dialect, database, table, { columns: await findBy(call.ns, columns, owner), indexes: await findBy(call.ns, indexes, owner) });
}
