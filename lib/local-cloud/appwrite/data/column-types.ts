import { isIP } from 'node:net';
import { isoTime } from '../ids';
import { isEmail } from '../params';
import type { Attribute, ColumnDocument, JsonObject, Kind } from '../schema';
import { parseDate } from './dates';

/** What a column says about itself. */
export interface ColumnShape {
  type: string;
  format: string;
  array: boolean;
  options: JsonObject;
}

// JSON has no exact form of the largest 64-bit integer: the real server's answer is read as this very number.
const MAX_BIGINT = 2 ** 63;
const MIN_BIGINT = -MAX_BIGINT;
const INT32 = 2_147_483_647;
const TEXT_SIZES: Readonly<Record<string, number>> = { text: 16_384, mediumtext: 4_194_304, longtext: 1_073_741_824 };

const KINDS: Readonly<Record<string, Kind>> = {
  string: 'string', varchar: 'string', text: 'string', mediumtext: 'string', longtext: 'string', integer: 'integer', double: 'float',
  boolean: 'boolean', datetime: 'datetime', point: 'json', relationship: 'string',
};
const SQL: Readonly<Record<Kind, string>> = {
  string: 'text', integer: 'bigint', float: 'double precision', boolean: 'boolean', datetime: 'timestamptz(3)', json: 'jsonb',
};

export function isColumnType(type: string): boolean {
  return Object.hasOwn(KINDS, type);
}

/** Whether rows have the column at all: the child side of a relationship is only looked up. */
export function isStored({ type, options }: Pick<ColumnShape, 'type' | 'options'>): boolean {
  return type !== 'relationship' || options.side === 'parent';
}

/** How rows keep the column. */
export function toAttribute(column: ColumnShape): Attribute {
  const kind = KINDS[column.type];
  if (kind === undefined) throw new TypeError(`Unknown column type ${column.type}`);
  return { kind, array: column.array, queryable: kind !== 'json', sql: column.array ? 'jsonb' : SQL[kind] };
}

/** Bytes that the column takes of a row's 65,535, as the real server reckons them. */
export function columnBytes({ type, options, array }: ColumnShape): number {
  if (array) return 20;
  switch (type) {
    case 'string':
    case 'varchar': {
      const bytes = numberOr(options.size, 0) * 4;
      return bytes > 65_532 ? 20 : bytes + (bytes > 255 ? 2 : 1);
    }
    case 'integer': return numberOr(options.max, MAX_BIGINT) > INT32 ? 8 : 4;
    case 'double': return 8;
    case 'boolean': return 1;
    case 'datetime': return 7;
    default: return 20;
  }
}

/** The column as the API shows it. */
export function toColumn(column: ColumnDocument): Record<string, unknown> {
  const { key, type, format, status, error, required, array, options, initial } = column.values;
  const common = { key, type, status, error, required, array, $createdAt: isoTime(column.$createdAt), $updatedAt: isoTime(column.$updatedAt) };
  switch (type) {
    case 'string':
      if (format === 'enum') return { ...common, elements: options.elements, format, default: initial };
      return format === '' ? { ...common, size: options.size, default: initial, encrypt: false } : { ...common, format, default: initial };
    case 'varchar': return { ...common, size: options.size, default: initial, encrypt: false };
    case 'text':
    case 'mediumtext':
    case 'longtext': return { ...common, default: initial, encrypt: false };
    case 'integer':
    case 'double': return { ...common, min: rangeOf(type, options).min, max: rangeOf(type, options).max, default: initial };
    case 'datetime': return { ...common, format: '', default: initial };
    case 'relationship': return { ...common, ...options };
    default: return { ...common, default: initial };
  }
}

/** Why a value does not fit the column, in the server's words after `Attribute "key" has invalid …`; undefined when it fits. */
export function refusal(column: ColumnShape, value: unknown): string | undefined {
  switch (column.type) {
    case 'integer': return refuseInteger(column.options, value);
    case 'double': {
      if (typeof value !== 'number') return 'format. Value must be a valid float';
      return refuseRange(rangeOf('double', column.options), value);
    }
    case 'boolean': return typeof value === 'boolean' ? undefined : 'type. Value must be a valid boolean';
    case 'datetime':
      return typeof value === 'string' && parseDate(value) !== undefined
        ? undefined
        : 'type. Value must be valid date between 1000-01-01 00:00:00 and 9999-12-31 23:59:59.';
    case 'point':
      return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number')
        ? undefined
        : 'type. Value must be a valid point: Point must be an array of two numeric values [x, y]';
    case 'relationship': return typeof value === 'string' ? undefined : 'type. Value must be the ID of a row, or a row';
    default: return refuseText(column, value);
  }
}

/** The value as rows keep it: dates as instants, everything else as it came. */
export function normalize(column: ColumnShape, value: unknown): unknown {
  if (column.type !== 'datetime') return value;
  const one = (each: unknown): unknown => (typeof each === 'string' ? parseDate(each) ?? null : each);
  return column.array && Array.isArray(value) ? value.map((each) => toJsonDate(one(each))) : one(value);
}

/** The value as the API shows it: lists are never null. */
export function present(attribute: Attribute, value: unknown): unknown {
  if (value instanceof Date) return isoTime(value);
  return attribute.array && value === null ? [] : value;
}

export function rangeOf(type: string, options: JsonObject): { min: number; max: number } {
  const limits = type === 'double' ? { min: -Number.MAX_VALUE, max: Number.MAX_VALUE } : { min: MIN_BIGINT, max: MAX_BIGINT };
  return { min: numberOr(options.min, limits.min), max: numberOr(options.max, limits.max) };
}

function refuseInteger(options: JsonObject, value: unknown): string | undefined {
  const range = rangeOf('integer', options);
  if (!Number.isInteger(value) || typeof value !== 'number') {
    return range.max > INT32
      ? 'format. Value must be a valid signed 64-bit integer between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,807'
      : 'format. Value must be a valid signed 32-bit integer between -2,147,483,648 and 2,147,483,647';
  }
  return refuseRange(range, value);
}

function refuseRange({ min, max }: { min: number; max: number }, value: number): string | undefined {
  return value >= min && value <= max ? undefined : `format. Value must be a valid range between ${grouped(min)} and ${grouped(max)}`;
}

/** PHP's `number_format`: whole numbers, halves away from zero, commas. */
function grouped(value: number): string {
  return (Math.sign(value) * Math.round(Math.abs(value))).toLocaleString('en-US');
}

function refuseText({ type, format, options }: ColumnShape, value: unknown): string | undefined {
  switch (format) {
    case 'email': return isEmail(value) ? undefined : 'format. Value must be a valid email address';
    case 'url': return typeof value === 'string' && /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value) && URL.canParse(value) ? undefined : 'format. Value must be a valid URL';
    case 'ip': return typeof value === 'string' && isIP(value) !== 0 ? undefined : 'format. Value must be a valid IP address';
    case 'enum': {
      const elements = Array.isArray(options.elements) ? options.elements : [];
      return elements.includes(value) ? undefined : `format. Value must be one of (${elements.join(', ')})`;
    }
    default: {
      const size = TEXT_SIZES[type] ?? numberOr(options.size, 0);
      // The size counts characters, not UTF-16 units.
      return typeof value === 'string' && [...value].length <= size ? undefined : `type. Value must be a valid string and no longer than ${size} chars`;
    }
  }
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function toJsonDate(value: unknown): unknown {
  return value instanceof Date ? isoTime(value) : value;
}
