import { AppwriteError } from '../errors';
import { createCollection, DuplicateDocument, findBy, insert, remove, update } from '../documents';
import { uniqueId } from '../ids';
import { page, stamp } from '../listing';
import { boolean, customId, text } from '../params';
import { noContent, reply, route, type Route } from '../route';
import { databases, tablesOf, type DatabaseDocument } from '../schema';
import { COLLECTIONS, TABLES, type Dialect } from '../data/dialect';
import { databaseOrThrow, dropTable } from '../data/tables';

const READ = { scopes: ['databases.read'] };
const WRITE = { scopes: ['databases.write'] };

export const databaseRoutes: Route[] = [TABLES, COLLECTIONS].flatMap((dialect: Dialect) => [
  route(`GET ${dialect.base}`, READ, async (call) => {
    const { total, documents, select } = await page(call.input, { ns: call.ns, collection: databases, noun: 'Database', where: { type: dialect.type } });
    return reply(200, { total, databases: documents.map((database) => select(toDatabase(database))) });
  }),
  route(`POST ${dialect.base}`, WRITE, async (call) => {
    const asked = call.input.required('databaseId', customId);
    const id = asked === 'unique()' ? uniqueId() : asked;
    const values = { name: call.input.required('name', text(128)), enabled: call.input.optional('enabled', boolean, true), type: dialect.type };
    try {
      const database = await insert(call.ns, databases, { id, values });
      await createCollection(call.ns, tablesOf(database.$sequence));
      return reply(201, toDatabase(database));
    } catch (error) {
      if (!(error instanceof DuplicateDocument)) throw error;
      throw new AppwriteError('database_already_exists', `Database with the requested ID '${id}' already exists. Try again with a different ID or use ID.unique() to generate a unique ID.`);
    }
  }),
  route(`GET ${dialect.base}/:databaseId`, READ, async (call) => reply(200, toDatabase(await databaseOrThrow(call)))),
  route(`PUT ${dialect.base}/:databaseId`, WRITE, async (call) => {
    const values = { name: call.input.required('name', text(128)), enabled: call.input.optional('enabled', boolean, true) };
    const database = await databaseOrThrow(call);
    return reply(200, toDatabase(await update(call.ns, databases, database.$sequence, { values }) ?? database));
  }),
  route(`DELETE ${dialect.base}/:databaseId`, WRITE, async (call) => {
    const database = await databaseOrThrow(call);
    const tables = tablesOf(database.$sequence);
    for (const table of await findBy(call.ns, tables, {})) await dropTable(call.ns, database.$sequence, table);
    await call.ns.dropTable(tables.name);
    await remove(call.ns, databases, database.$sequence);
    return noContent();
  }),
]);

function toDatabase(database: DatabaseDocument): Record<string, unknown> {
  const { name, enabled, type } = database.values;
  return { ...stamp(database), name, enabled, type };
}
