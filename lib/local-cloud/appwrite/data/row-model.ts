import { stamp } from '../listing';
import type { Document, JsonObject } from '../schema';
import { present } from './column-types';
import type { OpenTable } from './tables';

/** The row as the API shows it. */
export function toRow({ dialect, database, table, rows }: OpenTable, row: Document): JsonObject {
  const values = Object.entries(rows.attributes).map(([key, attribute]) => [key, present(attribute, row.values[key])] as const);
  return {
    ...Object.fromEntries(values), ...stamp(row), $sequence: String(row.$sequence), $permissions: row.$permissions,
    $databaseId: database.$id, [`$${dialect.table}Id`]: table.$id,
  };
}
