import { AppwriteError } from '../errors';
import { find } from '../documents';
import { columnName } from '../namespace';
import type { Call } from '../route';
import type { Document } from '../schema';
import type { OpenTable } from './tables';
import { may } from './write-row';

export interface Step {
  direction: 'increment' | 'decrement';
  step: number;
  /** The request's own limit; the column's is not looked at, as on the real server. */
  bound?: number;
}

/** Adds to a number in one statement, so that two at once both count. Null counts as zero. */
export async function incrementRow(call: Call, table: OpenTable, { direction, step, bound }: Step): Promise<Document> {
  const key = call.path('column');
  const column = table.columns.find(({ values }) => values.key === key);
  // The real server forgets to fill in the key here.
  if (column === undefined) throw new AppwriteError(table.dialect.error.columnMissing, `${table.dialect.column === 'column' ? 'Column' : 'Attribute'} with the requested key '%s' could not be found.`);
  if (!['integer', 'double'].includes(column.values.type) || column.values.array) throw new AppwriteError('attribute_type_invalid', `${table.dialect.family} "${key}" is not a number`);
  const row = await find(call.ns, table.rows, call.path('rowId'));
  if (row === undefined) throw new AppwriteError(table.dialect.error.columnMissing, `${table.dialect.column === 'column' ? 'Column' : 'Attribute'} with the requested key '%s' could not be found.`);
  if (!may(call, table, row, 'update')) throw new AppwriteError('user_unauthorized');

  const name = columnName(key);
  const next = `coalesce(${name}, 0) ${direction === 'increment' ? '+' : '-'} $2`;
  const within = direction === 'increment' ? `${next} <= $3` : `${next} >= $3`;
  const changed = await call.ns.query(
    `UPDATE ${call.ns.table(table.rows.name)} SET ${name} = ${next}, "_updatedAt" = now() WHERE _id = $1 AND ($3::numeric IS NULL OR ${within})`,
    [row.$sequence, step, bound ?? null],
  );
  if (changed.rowCount === 0) {
    throw new AppwriteError(table.dialect.error.columnLimit, `${table.dialect.family} "${key}" has reached the ${direction === 'increment' ? 'maximum' : 'minimum'} value of ${bound}`);
  }
  return await find(call.ns, table.rows, row.$id) ?? row;
}
