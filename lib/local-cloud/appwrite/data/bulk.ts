import { DuplicateDocument, find, insert, list, remove } from '../documents';
import { uniqueId } from '../ids';
import { customId, queryTexts } from '../params';
import { permissionList } from '../permissions';
import type { Call } from '../route';
import type { Document, JsonObject } from '../schema';
import { rowQueries } from './list-rows';
import { toRow } from './row-model';
import { checkStructure, columnValues, withDefaults } from './structure';
import type { OpenTable } from './tables';
import { insertRow, rowExists, writeRow } from './write-row';

/** Adds all rows or none. */
export async function createRows(call: Call, table: OpenTable, rows: readonly JsonObject[]): Promise<JsonObject[]> {
  const ready = rows.map((row) => ({
    id: idOf(table, row), permissions: permissionsOf(row) ?? [], values: checkStructure(table, withDefaults(table, columnValues(row))),
  }));
  try {
    return await call.ns.transaction(async (ns) => {
      const made: JsonObject[] = [];
      for (const row of ready) made.push(toRow(table, await insert(ns, table.rows, row)));
      return made;
    });
  } catch (error) {
    // The real server does not say which of the rows it was.
    throw error instanceof DuplicateDocument ? rowExists(table, '') : error;
  }
}

export async function upsertRows(call: Call, table: OpenTable, rows: readonly JsonObject[]): Promise<JsonObject[]> {
  return call.ns.transaction(async (ns) => {
    const within = { ...call, ns };
    const written: JsonObject[] = [];
    for (const row of rows) {
      const id = idOf(table, row);
      const existing = await find(ns, table.rows, id);
      const permissions = permissionsOf(row);
      const after = existing === undefined
        ? await insertRow(within, table, id, { data: row, permissions: permissions ?? [] })
        : await writeRow(within, table, existing, columnValues(row), permissions);
      written.push(toRow(table, after));
    }
    return written;
  });
}

/** Writes the same values into every row that the queries match. */
export async function updateRows(call: Call, table: OpenTable, data: JsonObject, permissions: string[] | undefined): Promise<JsonObject[]> {
  const matching = await matchingRows(call, table);
  return call.ns.transaction(async (ns) => {
    const written: JsonObject[] = [];
    for (const row of matching) written.push(toRow(table, await writeRow({ ...call, ns }, table, row, columnValues(data), permissions)));
    return written;
  });
}

/** Deletes every row that the queries match and answers what they were. */
export async function deleteRows(call: Call, table: OpenTable): Promise<JsonObject[]> {
  const matching = await matchingRows(call, table);
  await call.ns.transaction(async (ns) => {
    for (const row of matching) await remove(ns, table.rows, row.$sequence);
  });
  return matching.map((row) => toRow(table, row));
}

async function matchingRows(call: Call, table: OpenTable): Promise<Document[]> {
  const queries = rowQueries(call.input.optional('queries', queryTexts, []), table);
  const unlimited = queries.some(({ method }) => method === 'limit') ? [] : [{ method: 'limit', attribute: '', values: [Number.MAX_SAFE_INTEGER] }];
  return (await list(call.ns, table.rows, { queries: [...queries, ...unlimited], total: false })).documents;
}

function idOf(table: OpenTable, row: JsonObject): string {
  const id = row.$id === undefined ? 'unique()' : customId(row.$id, `${table.dialect.row}Id`);
  return id === 'unique()' ? uniqueId() : id;
}

function permissionsOf(row: JsonObject): string[] | undefined {
  return row.$permissions === undefined ? undefined : permissionList('item')(row.$permissions, 'permissions');
}
