import { SCHEMA, columnName } from '../namespace';
import type { Attribute, Attributes } from '../schema';
import { nested, type Query } from './parse';
import { INTERNAL } from './validate';

export interface ListQuery {
  queries: readonly Query[];
  /** The document that a cursor names, found beforehand. */
  cursor?: { direction: 'after' | 'before'; row: Record<string, unknown> };
  /** When given, only documents that one of these permissions opens. */
  readable?: readonly string[];
  /** Conditions of the route itself, such as the table that a column belongs to. */
  where?: Readonly<Record<string, unknown>>;
  total: boolean;
}

interface Statement {
  text: string;
  values: unknown[];
}

const DEFAULT_LIMIT = 25;
/** Words shorter than this are not in a MariaDB full-text index. */
const SHORTEST_WORD = 3;

/** Turns checked queries into one statement for the page and one for the total; every value is a parameter. */
export function compile(table: string, attributes: Attributes, query: ListQuery): { page: Statement; total: Statement | undefined; reversed: boolean } {
  const values: unknown[] = [];
  const param = (value: unknown): string => `$${values.push(value)}`;
  const conditions = query.queries.filter((q) => !NOT_A_FILTER.has(q.method)).map((q) => filter(q, attributes, param));
  for (const [key, value] of Object.entries(query.where ?? {})) conditions.push(`${columnName(key)} = ${param(value)}`);
  if (query.readable !== undefined) conditions.push(`_permissions && ${param(query.readable)}::text[]`);

  const where = conditions.length === 0 ? 'true' : conditions.join(' AND ');
  const total = query.total ? { text: `SELECT count(*) AS total FROM ${table} WHERE ${where}`, values: [...values] } : undefined;

  const order = ordering(query.queries, attributes);
  const reversed = query.cursor?.direction === 'before' && !order.random;
  const cursor = query.cursor === undefined || order.random ? 'true' : beyond(order.terms, query.cursor.row, reversed, param);
  const limit = firstNumber(query.queries, 'limit') ?? DEFAULT_LIMIT;
  const offset = firstNumber(query.queries, 'offset') ?? 0;
  const text = `SELECT * FROM ${table} WHERE ${where} AND ${cursor}
    ORDER BY ${order.random ? 'random()' : order.terms.map((term) => orderBy(term, reversed)).join(', ')}
    LIMIT ${param(limit)} OFFSET ${param(offset)}`;
  return { page: { text, values }, total, reversed };
}

const NOT_A_FILTER = new Set(['limit', 'offset', 'cursorAfter', 'cursorBefore', 'orderAsc', 'orderDesc', 'orderRandom', 'select']);

type Param = (value: unknown) => string;

function filter(query: Query, attributes: Attributes, param: Param): string {
  switch (query.method) {
    case 'and': return `(${nested(query).map((q) => filter(q, attributes, param)).join(' AND ')})`;
    case 'or': return `(${nested(query).map((q) => filter(q, attributes, param)).join(' OR ')})`;
    default: return condition(query, resolve(query.attribute, attributes), param);
  }
}

interface Field {
  column: string;
  attribute: Attribute;
  /** The comparable form: folded for text. */
  expression: string;
}

function resolve(key: string, attributes: Attributes): Field {
  const internal = INTERNAL[key];
  const attribute = internal?.attribute ?? attributes[key];
  if (attribute === undefined) throw new TypeError(`Unchecked attribute ${key}`);
  const column = columnName(internal?.column ?? key);
  return { column, attribute, expression: attribute.kind === 'string' && !attribute.array ? fold(column) : column };
}

function condition(query: Query, field: Field, param: Param): string {
  const { column, attribute, expression } = field;
  const value = (raw: unknown): string => comparable(attribute, raw, param);
  const any = (test: (raw: unknown) => string): string => `(${query.values.map(test).join(' OR ')})`;
  const like = (pattern: (text: string) => string) => (raw: unknown): string =>
    `${fold(`${column}::text`)} LIKE ${SCHEMA}.fold(${param(pattern(escapeLike(String(raw))))}::text)`;
  switch (query.method) {
    case 'equal': return any((raw) => `${expression} = ${value(raw)}`);
    case 'notEqual': return `${expression} <> ${value(query.values[0])}`;
    case 'lessThan': return `${expression} < ${value(query.values[0])}`;
    case 'lessThanEqual': return `${expression} <= ${value(query.values[0])}`;
    case 'greaterThan': return `${expression} > ${value(query.values[0])}`;
    case 'greaterThanEqual': return `${expression} >= ${value(query.values[0])}`;
    case 'between': return `${expression} BETWEEN ${value(query.values[0])} AND ${value(query.values[1])}`;
    case 'notBetween': return `${expression} NOT BETWEEN ${value(query.values[0])} AND ${value(query.values[1])}`;
    case 'isNull': return `${column} IS NULL`;
    case 'isNotNull': return `${column} IS NOT NULL`;
    case 'startsWith': return any(like((text) => `${text}%`));
    case 'notStartsWith': return `NOT ${any(like((text) => `${text}%`))}`;
    case 'endsWith': return any(like((text) => `%${text}`));
    case 'notEndsWith': return `NOT ${any(like((text) => `%${text}`))}`;
    case 'contains':
    case 'containsAny': return attribute.array ? any(member(column, param)) : any(like((text) => `%${text}%`));
    case 'notContains': return `NOT ${attribute.array ? any(member(column, param)) : any(like((text) => `%${text}%`))}`;
    case 'containsAll': return `(${query.values.map(member(column, param)).join(' AND ')})`;
    case 'search': return search(column, String(query.values[0]), param);
    case 'notSearch': return `NOT coalesce(${search(column, String(query.values[0]), param)}, false)`;
    default: throw new TypeError(`Unchecked query method ${query.method}`);
  }
}

function fold(expression: string): string {
  return `${SCHEMA}.fold(${expression})`;
}

function comparable(attribute: Attribute, raw: unknown, param: Param): string {
  if (attribute.array) return `${param(JSON.stringify(raw))}::jsonb`;
  switch (attribute.kind) {
    case 'string': return fold(`${param(raw)}::text`);
    case 'integer': return `${param(raw)}::numeric`;
    case 'float': return `${param(raw)}::double precision`;
    case 'boolean': return `${param(raw)}::boolean`;
    case 'datetime': return `${param(raw)}::timestamptz`;
    case 'json': return `${param(JSON.stringify(raw))}::jsonb`;
  }
}

function member(column: string, param: Param): (raw: unknown) => string {
  return (raw) => `coalesce(${column} @> ${param(JSON.stringify([raw]))}::jsonb, false)`;
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (char) => `\\${char}`);
}

/** Any word, the last one as a prefix; in quotes the words must follow each other. */
function search(column: string, needle: string, param: Param): string {
  const vector = `to_tsvector('simple', ${fold(column)})`;
  const words = (needle.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length >= SHORTEST_WORD);
  if (words.length === 0) return 'false';
  if (/^".*"$/s.test(needle.trim())) return `${vector} @@ phraseto_tsquery('simple', ${fold(`${param(words.join(' '))}::text`)})`;
  const terms = words.map((word, i) => (i === words.length - 1 ? `${word}:*` : word)).join(' | ');
  return `${vector} @@ to_tsquery('simple', ${fold(`${param(terms)}::text`)})`;
}

interface OrderTerm {
  key: string;
  expression: string;
  attribute: Attribute;
  descending: boolean;
}

function ordering(queries: readonly Query[], attributes: Attributes): { random: boolean; terms: OrderTerm[] } {
  const terms: OrderTerm[] = [];
  let sequenceDescending = false;
  for (const { method, attribute } of queries) {
    if (method !== 'orderAsc' && method !== 'orderDesc') continue;
    const descending = method === 'orderDesc';
    if (attribute === '' || attribute === '$sequence') sequenceDescending = descending;
    else {
      const field = resolve(attribute, attributes);
      terms.push({ key: attribute, expression: field.expression, attribute: field.attribute, descending });
    }
  }
  const sequence = resolve('$sequence', attributes);
  terms.push({ key: '$sequence', expression: sequence.expression, attribute: sequence.attribute, descending: sequenceDescending });
  return { random: queries.some((query) => query.method === 'orderRandom'), terms };
}

/** Nulls come first going up and last going down, as in MariaDB. */
function orderBy(term: OrderTerm, reversed: boolean): string {
  const descending = term.descending !== reversed;
  return `${term.expression}${collation(term)} ${descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`;
}

/** Folded text is compared by code point, so that every cluster orders it alike. */
function collation({ attribute }: OrderTerm): string {
  return attribute.kind === 'string' && !attribute.array ? ' COLLATE "C"' : '';
}

/** Rows strictly beyond the cursor in the given order: first term differs, or is equal and the next differs, … */
function beyond(terms: readonly OrderTerm[], row: Record<string, unknown>, reversed: boolean, param: Param): string {
  const branches = terms.map((term, i) => {
    const equal = terms.slice(0, i).map((earlier) => `${earlier.expression} = ${comparable(earlier.attribute, row[earlier.key], param)}`);
    const collate = collation(term);
    const step = `${term.expression}${collate} ${term.descending !== reversed ? '<' : '>'} ${comparable(term.attribute, row[term.key], param)}${collate}`;
    return `(${[...equal, step].join(' AND ')})`;
  });
  return `(${branches.join(' OR ')})`;
}

function firstNumber(queries: readonly Query[], method: string): number | undefined {
  const query = queries.find((q) => q.method === method);
  return query === undefined ? undefined : Number(query.values[0]);
}
