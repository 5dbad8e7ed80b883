import { AppwriteError } from '../errors';

export interface Query {
  method: string;
  attribute: string;
  values: unknown[];
}

const METHODS = new Set([
  'equal', 'notEqual', 'lessThan', 'lessThanEqual', 'greaterThan', 'greaterThanEqual', 'between', 'notBetween', 'isNull', 'isNotNull',
  'startsWith', 'notStartsWith', 'endsWith', 'notEndsWith', 'contains', 'notContains', 'containsAny', 'containsAll', 'search', 'notSearch',
  'orderAsc', 'orderDesc', 'orderRandom', 'limit', 'offset', 'cursorAfter', 'cursorBefore', 'select', 'and', 'or', 'exists', 'notExists',
]);

/** Reads the JSON texts of `queries[]`; throws `general_query_invalid` in the server's words. */
export function parseQueries(texts: readonly string[]): Query[] {
  return texts.map((text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new AppwriteError('general_query_invalid', 'Invalid query: Syntax error');
    }
    return toQuery(value);
  });
}

function toQuery(value: unknown): Query {
  if (typeof value !== 'object' || value === null) throw new AppwriteError('general_query_invalid', 'Invalid query. Must be an array, got ' + phpType(value));
  const method = 'method' in value && typeof value.method === 'string' ? value.method : '';
  if (!METHODS.has(method)) throw new AppwriteError('general_query_invalid', `Invalid query method: ${method}`);
  const attribute = 'attribute' in value ? value.attribute : '';
  if (typeof attribute !== 'string') throw new AppwriteError('general_query_invalid', `Invalid query attribute. Must be a string, got ${phpType(attribute)}`);
  const values = 'values' in value ? value.values : [];
  if (!Array.isArray(values)) throw new AppwriteError('general_query_invalid', `Invalid query values. Must be an array, got ${phpType(values)}`);
  return { method, attribute, values: method === 'and' || method === 'or' ? values.map(toQuery) : values };
}

/** Nested queries of `and` and `or`, already checked by the parser. */
export function nested(query: Query): Query[] {
  return query.values.filter((value): value is Query => typeof value === 'object' && value !== null && 'method' in value);
}

function phpType(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'double';
  return typeof value;
}
