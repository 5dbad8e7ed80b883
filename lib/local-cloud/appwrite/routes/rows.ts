import { AppwriteError } from '../errors';
import { find, remove } from '../documents';
import { customId, number, object, objects, queryTexts } from '../params';
import { allowsItem, permissionList, type Action } from '../permissions';
import { noContent, reply, route, type Call, type Reply, type Route } from '../route';
import type { Document, JsonObject } from '../schema';
import { createRows, deleteRows, updateRows, upsertRows } from '../data/bulk';
import { capital, COLLECTIONS, TABLES, type Dialect } from '../data/dialect';
import { incrementRow } from '../data/increment';
import { listRows, rowQueries } from '../data/list-rows';
import { letGo, storeNested, withRelated, withSelected } from '../data/relationships';
import { toRow } from '../data/row-model';
import { createRow, updateRow, upsertRow, type RowInput } from '../data/write-row';
import { databaseMissing, openTable, type OpenTable } from '../data/tables';
import { selection } from '../listing';

export const rowRoutes: Route[] = [TABLES, COLLECTIONS].flatMap((dialect) => {
  const other = dialect === TABLES ? COLLECTIONS : TABLES;
  const READ = { scopes: [`${dialect.rows}.read`, `${other.rows}.read`] };
  const WRITE = { scopes: [`${dialect.rows}.write`, `${other.rows}.write`], limit: 120 };
  const DELETE = { ...WRITE, limit: 60 };
  const base = `${dialect.base}/:databaseId/${dialect.tables}/:tableId/${dialect.rows}` as const;
  return [
    route(`GET ${base}`, READ, async (call) => reply(200, await listRows(call, await openTable(call, dialect)))),
    route(`POST ${base}`, WRITE, (call) => create(call, dialect)),
    route(`PUT ${base}`, WRITE, async (call) => {
      const rows = call.input.required(dialect.rows, objects);
      requireKeyForBulk(call);
      return bulkReply(dialect, 200, await upsertRows(call, await openTable(call, dialect), rows));
    }),
    route(`PATCH ${base}`, WRITE, async (call) => {
      requireKeyForBulk(call);
      const data = call.input.optional('data', object, {});
      const permissions = call.input.optional('permissions', permissionList('item'), undefined);
      return bulkReply(dialect, 200, await updateRows(call, await openTable(call, dialect), data, permissions));
    }),
    route(`DELETE ${base}`, DELETE, async (call) => {
      requireKeyForBulk(call);
      return bulkReply(dialect, 200, await deleteRows(call, await openTable(call, dialect)));
    }),
    route(`GET ${base}/:rowId`, READ, async (call) => {
      const table = await openTable(call, dialect);
      const row = await rowOrThrow(call, table);
      if (!mayTouch(call, table, row, 'read')) throw rowMissing(dialect, call.path('rowId'));
      const queries = rowQueries(call.input.optional('queries', queryTexts, []), table);
      return reply(200, selection(queries)(await withSelected(call, table, row, queries)));
    }),
    route(`PATCH ${base}/:rowId`, WRITE, async (call) => {
      const change = readChange(call, dialect);
      const table = await openTable(call, dialect);
      const row = await rowOrThrow(call, table);
      return reply(200, await write(call, table, change, (within, input) => updateRow(within, table, row, input)));
    }),
    route(`PUT ${base}/:rowId`, WRITE, async (call) => {
      const change = readChange(call, dialect);
      const table = await openTable(call, dialect);
      return reply(200, await write(call, table, change, (within, input) => upsertRow(within, table, call.path('rowId'), input)));
    }),
    route(`DELETE ${base}/:rowId`, DELETE, async (call) => {
      const table = await openTable(call, dialect);
      const row = await rowOrThrow(call, table);
      if (!mayTouch(call, table, row, 'delete')) throw new AppwriteError('user_unauthorized');
      await call.ns.transaction(async (ns) => {
        await letGo({ ...call, ns }, table, row);
        await remove(ns, table.rows, row.$sequence);
      });
      return noContent();
    }),
    ...(['increment', 'decrement'] as const).map((direction) => route(`PATCH ${base}/:rowId/:column/${direction}`, WRITE, async (call) => {
      const step = call.input.optional('value', number, 1);
      if (step <= 0) throw new AppwriteError('general_argument_invalid', 'Value must be numeric and greater than 0');
      const bound = call.input.optional(direction === 'increment' ? 'max' : 'min', number, undefined);
      const table = await openTable(call, dialect);
      return reply(200, toRow(table, await incrementRow(call, table, { direction, step, ...(bound === undefined ? {} : { bound }) })));
    })),
  ];
});

async function create(call: Call, dialect: Dialect): Promise<Reply> {
  const rawRows = call.input.raw(dialect.rows);
  if (rawRows !== undefined && rawRows !== null) return createMany(call, dialect);
  const rawId = call.input.raw(`${dialect.row}Id`);
  if (rawId === null) throw new AppwriteError('general_unknown');
  if (rawId === undefined) throw new AppwriteError(dialect.error.rowMissingData, `${capital(dialect.row)} ID is required when creating a single ${dialect.row}.`);
  const id = call.input.required(`${dialect.row}Id`, customId);
  const data = call.input.optional('data', object, {});
  const permissions = call.input.optional('permissions', permissionList('item'), undefined);
  if (Object.keys(data).length === 0) throw new AppwriteError(dialect.error.rowMissingData);
  const table = await openTable(call, dialect);
  const input = { data, ...(permissions === undefined ? {} : { permissions }) };
  return reply(201, await write(call, table, input, (within, stored) => createRow(within, table, id, stored)));
}

/** Writes a row and those nested in it, all or none, and answers it with the rows that it names. */
async function write(call: Call, table: OpenTable, input: RowInput, work: (within: Call, input: RowInput) => Promise<Document>): Promise<JsonObject> {
  if (table.relations.length === 0) return toRow(table, await work(call, input));
  const row = await call.ns.transaction(async (ns) => {
    const within = { ...call, ns };
    return work(within, { ...input, data: await storeNested(within, table, input.data) });
  });
  return withRelated(call, table, row);
}

async function createMany(call: Call, dialect: Dialect): Promise<Reply> {
  const rows = call.input.required(dialect.rows, objects);
  if (call.input.raw('data') !== undefined) throw new AppwriteError('general_bad_request', `You can only send one of the following parameters: data, ${dialect.rows}`);
  if (rows.length === 0) throw new AppwriteError(dialect.error.rowMissingData);
  if (!call.actor.privileged) throw new AppwriteError('general_unauthorized_scope');
  return bulkReply(dialect, 201, await createRows(call, await openTable(call, dialect), rows));
}

/** Bulk writes belong to keys; to anybody else the real server says that the database is not there. */
function requireKeyForBulk(call: Call): void {
  if (!call.actor.privileged) throw databaseMissing(call.path('databaseId'));
}

function bulkReply(dialect: Dialect, status: number, rows: JsonObject[]): Reply {
  return reply(status, { total: rows.length, [dialect.rows]: rows });
}

function readChange(call: Call, dialect: Dialect): RowInput {
  const data = call.input.optional('data', object, {});
  const permissions = call.input.optional('permissions', permissionList('item'), undefined);
  if (Object.keys(data).length === 0 && permissions === undefined) throw new AppwriteError(dialect.error.rowMissingPayload);
  return { data, ...(permissions === undefined ? {} : { permissions }) };
}

async function rowOrThrow(call: Call, table: OpenTable): Promise<Document> {
  const row = await find(call.ns, table.rows, call.path('rowId'));
  if (row === undefined) throw rowMissing(table.dialect, call.path('rowId'));
  return row;
}

function rowMissing(dialect: Dialect, id: string): AppwriteError {
  return new AppwriteError(dialect.error.rowMissing, `${capital(dialect.row)} with the requested ID '${id}' could not be found.`);
}

function mayTouch(call: Call, { table }: OpenTable, row: Document, action: Action): boolean {
  return allowsItem(call.actor, action, { container: table.$permissions, itemSecurity: table.values.rowSecurity, item: row.$permissions });
}
