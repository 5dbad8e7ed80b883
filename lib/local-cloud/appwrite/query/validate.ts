import { AppwriteError } from '../errors';
import { parseDate } from '../data/dates';
import type { Attribute, Attributes } from '../schema';
import { nested, type Query } from './parse';

const MAX_VALUES = 500;
const RANGE_END = '9,223,372,036,854,775,807';

/** The `$` attributes of every document, with their columns. */
export const INTERNAL: Readonly<Record<string, { column: string; attribute: Attribute }>> = {
  $id: { column: '_uid', attribute: { kind: 'string', array: false, queryable: true, sql: '' } },
  $sequence: { column: '_id', attribute: { kind: 'integer', array: false, queryable: true, sql: '' } },
  $createdAt: { column: '_createdAt', attribute: { kind: 'datetime', array: false, queryable: true, sql: '' } },
  $updatedAt: { column: '_updatedAt', attribute: { kind: 'datetime', array: false, queryable: true, sql: '' } },
};
const SELECTABLE = new Set(['*', '$permissions', '$databaseId', '$tableId', '$collectionId', ...Object.keys(INTERNAL)]);

export interface QueryRules {
  attributes: Attributes;
  /** Relationships, which `select` may follow as `key.*`. */
  related?: ReadonlySet<string>;
  /** Keys that a full-text index covers. */
  searchable?: ReadonlySet<string>;
}

/** Checks parsed queries against the attributes; throws `general_query_invalid` in the server's words. */
export function validateQueries(queries: readonly Query[], rules: QueryRules): void {
  for (const query of queries) validate(query, rules);
}

function validate(query: Query, rules: QueryRules): void {
  switch (query.method) {
    case 'limit': return validateRange(query, 'limit', 1);
    case 'offset': return validateRange(query, 'offset', 0);
    case 'cursorAfter':
    case 'cursorBefore':
      if (typeof query.values[0] !== 'string' || query.values[0] === '') throw refuse('Invalid cursor');
      return;
    case 'orderRandom': return;
    case 'orderAsc':
    case 'orderDesc':
      if (query.attribute !== '') attributeOf(query.attribute, rules);
      return;
    case 'select': return validateSelect(query, rules);
    case 'and':
    case 'or': return validateGroup(query, rules);
    default: return validateFilter(query, rules);
  }
}

function validateRange(query: Query, name: 'limit' | 'offset', min: number): void {
  const value = Number(query.values[0]);
  if (!Number.isInteger(value) || value < min) throw refuse(`Invalid ${name}: Value must be a valid range between ${min} and ${RANGE_END}`);
}

function validateSelect(query: Query, rules: QueryRules): void {
  if (query.values.length === 0) throw refuse('No attributes selected');
  for (const value of query.values) {
    const key = typeof value === 'string' ? value : '';
    const first = key.split('.')[0] ?? '';
    if (!SELECTABLE.has(key) && rules.related?.has(first) !== true) attributeOf(first, rules);
  }
}

function validateGroup(query: Query, rules: QueryRules): void {
  const name = query.method === 'or' ? 'Or' : 'And';
  const inner = nested(query);
  if (inner.some((q) => /^(limit|offset|cursor|order|select)/.test(q.method))) throw refuse(`${name} queries can only contain filter queries`);
  if (inner.length < 2) throw refuse(`${name} queries require at least two queries`);
  validateQueries(inner, rules);
}

const EXACTLY_ONE: Readonly<Record<string, string>> = {
  notEqual: 'NotEqual', lessThan: 'LessThan', lessThanEqual: 'LessThanEqual', greaterThan: 'GreaterThan', greaterThanEqual: 'GreaterThanEqual',
  search: 'Search', notSearch: 'NotSearch', startsWith: 'StartsWith', notStartsWith: 'NotStartsWith', endsWith: 'EndsWith', notEndsWith: 'NotEndsWith',
};

function validateFilter(query: Query, rules: QueryRules): void {
  const { method, values } = query;
  const attribute = attributeOf(query.attribute, rules);
  if (method === 'isNull' || method === 'isNotNull') return;
  if (method === 'exists' || method === 'notExists') throw refuse(`Attribute not found in schema: ${query.attribute}`);
  if (values.length === 0) throw refuse(`${method.charAt(0).toUpperCase()}${method.slice(1)} queries require at least one value.`);
  const single = EXACTLY_ONE[method];
  if (single !== undefined && values.length !== 1) throw refuse(`${single} queries require exactly one value.`);
  if (method.toLowerCase().endsWith('between') && values.length !== 2) throw refuse(`${method === 'between' ? 'Between' : 'NotBetween'} queries require exactly two values.`);
  if (values.length > MAX_VALUES) throw refuse(`Query on attribute has greater than ${MAX_VALUES} values: ${query.attribute}`);
  if (!values.every((value) => fits(attribute, value))) throw refuse(`Query value is invalid for attribute "${query.attribute}"`);

  const contains = /contains/i.test(method);
  if (attribute.array && !contains) throw refuse(`Cannot query ${method} on attribute "${query.attribute}" because it is an array.`);
  if (contains && !attribute.array && attribute.kind !== 'string') {
    throw refuse(`Cannot query ${method} on attribute "${query.attribute}" because it is not an array, string, or object.`);
  }
  if (/search/i.test(method) && rules.searchable?.has(query.attribute) !== true) {
    throw new AppwriteError('general_query_invalid', `Searching by attribute "${query.attribute}" requires a fulltext index.`);
  }
}

function attributeOf(key: string, rules: QueryRules): Attribute {
  const attribute = INTERNAL[key]?.attribute ?? (Object.hasOwn(rules.attributes, key) ? rules.attributes[key] : undefined);
  if (attribute === undefined || !attribute.queryable) throw refuse(`Attribute not found in schema: ${key}`);
  return attribute;
}

function fits(attribute: Attribute, value: unknown): boolean {
  switch (attribute.kind) {
    case 'string': return typeof value === 'string';
    case 'integer': return Number.isInteger(value);
    case 'float': return typeof value === 'number';
    case 'boolean': return typeof value === 'boolean';
    case 'datetime': return typeof value === 'string' && parseDate(value) !== undefined;
    case 'json': return value !== null;
  }
}

function refuse(reason: string): AppwriteError {
  return new AppwriteError('general_query_invalid', `Invalid query: ${reason}`);
}
