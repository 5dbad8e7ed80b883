import { AppwriteError } from '../errors';
import type { ColumnDocument, JsonObject } from '../schema';
import { normalize, refusal } from './column-types';
import type { Dialect } from './dialect';

/** Keys that a row carries besides its columns; clients may send them back. */
const INTERNAL_KEYS = new Set(['$id', '$sequence', '$createdAt', '$updatedAt', '$permissions', '$databaseId', '$tableId', '$collectionId', '$tenant']);

export interface Structure {
  dialect: Dialect;
  columns: readonly ColumnDocument[];
}

/** Splits what a client sent into column values and nothing else. */
export function columnValues(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !INTERNAL_KEYS.has(key)));
}

/** Fills in defaults for what is absent or null, as a new row gets them. */
export function withDefaults({ columns }: Structure, values: JsonObject): JsonObject {
  const filled = { ...values };
  for (const { values: column } of columns) {
    if ((filled[column.key] === undefined || filled[column.key] === null) && column.initial !== null) filled[column.key] = column.initial;
  }
  return filled;
}

/**
 * Checks a whole row in the order of the real server: required columns, unknown keys, then each value.
 * Answers the values as rows keep them; throws `row_invalid_structure`.
 */
export function checkStructure(structure: Structure, values: JsonObject): JsonObject {
  const byKey = new Map(structure.columns.map((column) => [column.values.key, column.values]));
  for (const [key, column] of byKey) {
    if (column.required && (values[key] === undefined || values[key] === null)) throw invalid(structure, `Missing required attribute "${key}"`);
  }
  for (const key of Object.keys(values)) {
    if (!byKey.has(key)) throw invalid(structure, `Unknown attribute: "${key}"`);
  }
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(values)) {
    const column = byKey.get(key);
    if (column === undefined) continue;
    if (value !== null) checkValue(structure, column, value);
    kept[key] = value === null ? null : normalize(column, value);
  }
  return kept;
}

function checkValue(structure: Structure, column: ColumnDocument['values'], value: unknown): void {
  if (!column.array) {
    const reason = refusal(column, value);
    if (reason !== undefined) throw invalid(structure, `Attribute "${column.key}" has invalid ${reason}`);
    return;
  }
  if (!Array.isArray(value)) throw invalid(structure, `Attribute "${column.key}" must be an array`);
  value.forEach((item: unknown, index) => {
    const reason = item === null ? undefined : refusal(column, item);
    if (reason !== undefined) throw invalid(structure, `Attribute "${column.key}['${index}']" has invalid ${reason}`);
  });
}

function invalid({ dialect }: Structure, reason: string): AppwriteError {
  return new AppwriteError(dialect.error.rowInvalid, `Invalid document structure: ${reason}`);
}
