import { AppwriteError } from '../errors';
import { DuplicateDocument, find, insert, update } from '../documents';
import { uniqueId } from '../ids';
import { customId, datetime } from '../params';
import { allows, allowsItem, missingPermission, ownedBy, requireHeldRoles, type Action } from '../permissions';
import type { Call } from '../route';
import type { Document, JsonObject } from '../schema';
import { present } from './column-types';
import { capital } from './dialect';
import { checkStructure, columnValues, withDefaults } from './structure';
import type { OpenTable } from './tables';

export interface RowInput {
  data: JsonObject;
  permissions?: string[];
}

export async function createRow(call: Call, table: OpenTable, id: string, input: RowInput): Promise<Document> {
  const permissions = startingPermissions(call, input.permissions);
  if (!allows(call.actor, 'create', table.table.$permissions)) throw missingPermission(call.actor, 'create', table.table.$permissions);
  return insertRow(call, table, id === 'unique()' ? uniqueId() : id, { data: input.data, permissions });
}

export async function updateRow(call: Call, table: OpenTable, row: Document, input: RowInput): Promise<Document> {
  if (input.permissions !== undefined) requireHeldRoles(call.actor, input.permissions);
  const values = columnValues(input.data);
  const changed = differs(table, row, values) || (input.permissions !== undefined && !sameList(input.permissions, row.$permissions));
  // Writing back what is there already is a read: the real server asks for no more.
  if (!may(call, table, row, changed ? 'update' : 'read')) throw new AppwriteError('user_unauthorized');
  return changed ? writeRow(call, table, row, values, input.permissions) : row;
}

export async function upsertRow(call: Call, table: OpenTable, rawId: string, input: RowInput): Promise<Document> {
  const id = customId(rawId, `${table.dialect.row}Id`);
  const row = await find(call.ns, table.rows, id);
  if (row === undefined) {
    const permissions = startingPermissions(call, input.permissions);
    if (!allows(call.actor, 'create', table.table.$permissions)) throw new AppwriteError('user_unauthorized');
    return insertRow(call, table, id, { data: input.data, permissions });
  }
  if (input.permissions !== undefined) requireHeldRoles(call.actor, input.permissions);
  const values = columnValues(input.data);
  const whole = Object.keys(table.rows.attributes).every((key) => Object.hasOwn(values, key));
  // Naming every column with its present value changes nothing, and then nothing is asked for, not even reading.
  if (whole && !differs(table, row, values) && (input.permissions === undefined || sameList(input.permissions, row.$permissions))) return row;
  if (!may(call, table, row, 'update')) throw new AppwriteError('user_unauthorized');
  return writeRow(call, table, row, values, input.permissions);
}

/** Inserts after the structure check; keys may set the dates themselves. */
export async function insertRow(call: Call, table: OpenTable, id: string, input: Required<RowInput>): Promise<Document> {
  const values = checkStructure(table, withDefaults(table, columnValues(input.data)));
  try {
    return await insert(call.ns, table.rows, { id, values, permissions: input.permissions, ...ownDates(call, input.data) });
  } catch (error) {
    throw error instanceof DuplicateDocument ? rowExists(table, id) : error;
  }
}

/** Writes the given columns after checking the row as it will be, untouched columns included. */
export async function writeRow(call: Call, table: OpenTable, row: Document, values: JsonObject, permissions: string[] | undefined): Promise<Document> {
  const checked = checkStructure(table, { ...shownValues(table, row), ...values });
  const written = Object.fromEntries(Object.keys(values).map((key) => [key, checked[key]]));
  try {
    const after = await update(call.ns, table.rows, row.$sequence, { values: written, ...(permissions === undefined ? {} : { permissions }) });
    if (after === undefined) throw new AppwriteError(table.dialect.error.rowMissing, `${capital(table.dialect.row)} with the requested ID '${row.$id}' could not be found.`);
    return after;
  } catch (error) {
    throw error instanceof DuplicateDocument ? rowExists(table, row.$id) : error;
  }
}

export function rowExists({ dialect }: OpenTable, id: string): AppwriteError {
  return new AppwriteError(dialect.error.rowExists, `${capital(dialect.row)} with the requested ID '${id}' already exists. Try again with a different ID or use ID.unique() to generate a unique ID.`);
}

export function may(call: Call, { table }: OpenTable, row: Document, action: Action): boolean {
  return allowsItem(call.actor, action, { container: table.$permissions, itemSecurity: table.values.rowSecurity, item: row.$permissions });
}

/** A user owns what they make; guests and keys leave it bare. */
function startingPermissions(call: Call, sent: string[] | undefined): string[] {
  if (sent === undefined) return call.actor.user === undefined || call.actor.privileged ? [] : ownedBy(call.actor.user.$id);
  requireHeldRoles(call.actor, sent);
  return sent;
}

function ownDates(call: Call, data: JsonObject): { createdAt?: Date; updatedAt?: Date } {
  if (!call.actor.privileged) return {};
  return {
    ...(data.$createdAt === undefined ? {} : { createdAt: datetime(data.$createdAt, '$createdAt') }),
    ...(data.$updatedAt === undefined ? {} : { updatedAt: datetime(data.$updatedAt, '$updatedAt') }),
  };
}

function shownValues({ rows }: OpenTable, row: Document): JsonObject {
  return Object.fromEntries(Object.entries(rows.attributes).map(([key, attribute]) => [key, present(attribute, row.values[key])]));
}

function differs(table: OpenTable, row: Document, values: JsonObject): boolean {
  const shown = shownValues(table, row);
  return Object.entries(values).some(([key, value]) => JSON.stringify(value) !== JSON.stringify(shown[key]));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
