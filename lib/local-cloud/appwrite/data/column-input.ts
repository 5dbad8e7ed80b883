import { AppwriteError } from '../errors';
import { boolean, integer, key, number, type Input } from '../params';
import type { ColumnDocument, JsonObject } from '../schema';
import { rangeOf, refusal, type ColumnShape } from './column-types';
import type { Dialect } from './dialect';

export type ColumnInput = Pick<ColumnDocument['values'], 'key' | 'type' | 'format' | 'required' | 'array' | 'options' | 'initial'>;

/** The last part of the route that makes a column (`…/columns/email`), and what it becomes. */
export const COLUMN_ROUTES: Readonly<Record<string, { type: string; format: string }>> = {
  string: { type: 'string', format: '' }, varchar: { type: 'varchar', format: '' }, text: { type: 'text', format: '' },
  mediumtext: { type: 'mediumtext', format: '' }, longtext: { type: 'longtext', format: '' }, integer: { type: 'integer', format: '' },
  bigint: { type: 'integer', format: '' }, float: { type: 'double', format: '' }, boolean: { type: 'boolean', format: '' },
  datetime: { type: 'datetime', format: '' }, email: { type: 'string', format: 'email' }, url: { type: 'string', format: 'url' },
  ip: { type: 'string', format: 'ip' }, enum: { type: 'string', format: 'enum' }, point: { type: 'point', format: '' },
};

const MAX_SIZE = 1_073_741_824;

/** Reads and checks what a client says about a new column. */
export function readColumn(input: Input, kind: string, dialect: Dialect): ColumnInput {
  const name = input.required('key', key);
  const { type, format } = COLUMN_ROUTES[kind] ?? { type: kind, format: '' };
  const options = readOptions(input, type, format, dialect);
  const required = input.required('required', boolean);
  const array = input.optional('array', boolean, false);
  const initial = input.raw('default') ?? null;
  if (initial !== null && required) throw new AppwriteError(dialect.error.columnDefault, `Cannot set default value for required ${dialect.column}`);
  if (initial !== null && array) throw new AppwriteError(dialect.error.columnDefault, `Cannot set default value for array ${dialect.columns}`);
  if (initial !== null) checkDefault({ type, format, array, options }, initial, dialect);
  return { key: name, type, format, required, array, options, initial };
}

function readOptions(input: Input, type: string, format: string, dialect: Dialect): JsonObject {
  if (format === 'enum') {
    const elements = input.required('elements', (value) => (Array.isArray(value) ? value : [value]));
    return { elements };
  }
  if (format === '' && (type === 'string' || type === 'varchar')) return { size: input.required('size', integer(1, MAX_SIZE)) };
  if (type !== 'integer' && type !== 'double') return {};
  const options = { min: input.optional('min', number, null), max: input.optional('max', number, null) };
  const range = rangeOf(type, options);
  if (range.min > range.max) throw new AppwriteError(dialect.error.columnValue, 'Minimum value must be lesser than maximum value');
  return options;
}

function checkDefault(shape: ColumnShape, initial: unknown, dialect: Dialect): void {
  const reason = refusal(shape, initial);
  if (reason === undefined) return;
  // Values are refused as `… invalid type. Value must be …`; a default is told the second half alone.
  const words = shape.format === 'enum' ? 'Default value not found in elements' : reason.slice(reason.indexOf('. ') + 2);
  throw new AppwriteError(dialect.error.columnValue, words);
}
