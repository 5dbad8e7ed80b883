import { AppwriteError } from './errors';
import { find, list } from './documents';
import { isoTime } from './ids';
import { invalidParam } from './errors';
import type { Namespace } from './namespace';
import { queryTexts, type Input } from './params';
import { parseQueries, type Query } from './query/parse';
import type { ListQuery } from './query/to-sql';
import { validateQueries } from './query/validate';
import type { Attributes, Collection, Document } from './schema';

export interface ListOptions<A extends Attributes> {
  ns: Namespace;
  collection: Collection<A>;
  /** Names an entry in the message about an unknown cursor, such as `Project`. */
  noun: string;
  where?: Readonly<Record<string, unknown>>;
  readable?: readonly string[];
  /** Turns an id of the API into the stored one, where the two differ. */
  storedId?: (id: string) => string;
}

/** One page of a system collection, by the request's `queries[]` and `total`. */
export async function page<A extends Attributes>(input: Input, options: ListOptions<A>): Promise<{ total: number; documents: Document<A>[]; select: Select }> {
  const queries = systemQueries(input, options.collection.attributes);
  const cursor = await cursorOf(queries, options.noun, async (id) => {
    const document = await find(options.ns, options.collection, options.storedId?.(id) ?? id);
    return document === undefined ? undefined : cursorRow(document);
  });
  const result = await list(options.ns, options.collection, {
    queries, total: wantsTotal(input),
    ...(cursor === undefined ? {} : { cursor }),
    ...(options.where === undefined ? {} : { where: options.where }),
    ...(options.readable === undefined ? {} : { readable: options.readable }),
  });
  return { ...result, select: selection(queries) };
}

function systemQueries(input: Input, attributes: Attributes): Query[] {
  const texts = input.optional('queries', queryTexts, []);
  let queries: Query[];
  try {
    queries = parseQueries(texts);
  } catch (error) {
    throw error instanceof AppwriteError ? invalidParam('queries', `Invalid query: ${error.message}`) : error;
  }
  try {
    validateQueries(queries, { attributes });
  } catch (error) {
    throw error instanceof AppwriteError ? invalidParam('queries', error.message) : error;
  }
  return queries;
}

/** The first cursor among the queries, with the values of its document. */
export async function cursorOf(
  queries: readonly Query[], noun: string, load: (id: string) => Promise<Record<string, unknown> | undefined>,
): Promise<ListQuery['cursor']> {
  const query = queries.find(({ method }) => method === 'cursorAfter' || method === 'cursorBefore');
  if (query === undefined) return undefined;
  const id = String(query.values[0]);
  const row = await load(id);
  if (row === undefined) throw new AppwriteError('general_cursor_not_found', `${noun} '${id}' for the 'cursor' value not found.`);
  for (const { method, attribute } of queries) {
    if ((method === 'orderAsc' || method === 'orderDesc') && attribute !== '' && row[attribute] === null) {
      throw new AppwriteError('database_query_order_null', `The order column '${attribute}' had a null value. Cursor pagination requires all rows order column values are non-null.`);
    }
  }
  return { direction: query.method === 'cursorAfter' ? 'after' : 'before', row };
}

export function cursorRow(document: Document): Record<string, unknown> {
  return {
    ...document.values, $id: document.$id, $sequence: document.$sequence,
    $createdAt: document.$createdAt.toISOString(), $updatedAt: document.$updatedAt.toISOString(),
  };
}

/** `total=0` saves the count; any other word, `false` included, does not: so the real server reads it. */
export function wantsTotal(input: Input): boolean {
  const total = input.raw('total');
  return !(total === '0' || total === 0 || total === '');
}

/** Keeps what `select` queries name, and always the internal fields. */
export type Select = (model: Record<string, unknown>) => Record<string, unknown>;

export function selection(queries: readonly Query[]): Select {
  const names = new Set(queries.filter(({ method }) => method === 'select').flatMap(({ values }) => values.map(String)));
  if (names.size === 0 || names.has('*')) return (model) => model;
  for (const name of [...names]) names.add(name.split('.')[0] ?? name);
  return (model) => Object.fromEntries(Object.entries(model).filter(([key]) => key.startsWith('$') || names.has(key)));
}

/** The fields that every answer begins with. */
export function stamp(document: Pick<Document, '$id' | '$createdAt' | '$updatedAt'>): { $id: string; $createdAt: string; $updatedAt: string } {
  return { $id: document.$id, $createdAt: isoTime(document.$createdAt), $updatedAt: isoTime(document.$updatedAt) };
}
