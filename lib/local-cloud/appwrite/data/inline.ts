import { AppwriteError } from '../errors';
import { Input, key, listOf, oneOf } from '../params';
import type { IndexDocument, JsonObject } from '../schema';
import { isColumnType } from './column-types';
import { readColumn, type ColumnInput } from './column-input';
import type { Dialect } from './dialect';

export const INDEX_TYPES = oneOf(['key', 'fulltext', 'unique', 'spatial']);
export const columnKeys = listOf((item) => item !== '', 'Value must be a valid string and at least 1 chars and no longer than 36 chars');

/** A column written inside the body of a table create: `{ key, type, size, required, … }`. */
export function readInlineColumn(raw: JsonObject, dialect: Dialect): ColumnInput {
  const input = new Input(raw);
  const type = String(input.raw('type') ?? '');
  if (!isColumnType(type) || type === 'relationship') throw new AppwriteError('general_argument_invalid', `Invalid type for attribute '${String(input.raw('key') ?? '')}': ${type}`);
  const format = input.raw('format');
  return readColumn(new Input({ required: false, ...raw }), typeof format === 'string' && format !== '' ? format : type === 'double' ? 'float' : type, dialect);
}

export type IndexInput = Pick<IndexDocument['values'], 'key' | 'type' | 'columns' | 'lengths' | 'orders'>;

/** An index written inside the body of a table create; its columns go by either name. */
export function readInlineIndex(raw: JsonObject, dialect: Dialect): IndexInput {
  const covered = raw[dialect.columns] ?? raw.attributes;
  return readIndex(new Input({ ...raw, [dialect.columns]: covered }), dialect);
}

export function readIndex(input: Input, dialect: Dialect): IndexInput {
  const name = input.required('key', key);
  const type = input.required('type', INDEX_TYPES);
  const columns = input.required(dialect.columns, columnKeys);
  const orders = input.optional('orders', listOf((item) => /^(asc|desc)$/i.test(item), 'Value must be one of (ASC, DESC)'), []);
  return { key: name, type, columns, lengths: columns.map(() => 0), orders };
}

