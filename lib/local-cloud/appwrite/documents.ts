import { columnName, type Namespace } from './namespace';
import { uniqueId } from './ids';
import type { Attribute, Attributes, Collection, Document } from './schema';
import { compile, type ListQuery } from './query/to-sql';

type Input<A extends Attributes> = Partial<Document<A>['values']>;

export interface NewDocument<A extends Attributes> {
  id: string;
  values: Input<A>;
  permissions?: readonly string[];
  createdAt?: Date;
  updatedAt?: Date;
}

/** Thrown when the id, or a unique index of the table, is taken. */
export class DuplicateDocument extends Error {}

/** Makes the table of a collection, with a column per attribute. */
export async function createCollection(ns: Namespace, { name, attributes, unique = [] }: Collection): Promise<void> {
  await ns.createTable(name, Object.entries(attributes).map(([key, attribute]) => `${columnName(key)} ${attribute.sql}`));
  for (const keys of unique) {
    const parts = keys.map((key) => (attributes[key]?.kind === 'string' ? `nullif(${columnName(key)}, '')` : columnName(key)));
    await ns.query(`CREATE UNIQUE INDEX ${ns.indexName(name, keys.join('_'))} ON ${ns.table(name)} (${parts.join(', ')})`);
  }
}

export async function insert<A extends Attributes>(ns: Namespace, collection: Collection<A>, input: NewDocument<A>): Promise<Document<A>> {
  const now = new Date();
  const names = ['_uid', '_createdAt', '_updatedAt', '_permissions'];
  const values: unknown[] = [resolveId(input.id), input.createdAt ?? now, input.updatedAt ?? now, input.permissions ?? []];
  for (const [key, value] of Object.entries(input.values)) {
    names.push(key);
    values.push(toColumn(collection.attributes[key], value));
  }
  const rows = await guardDuplicates(() => ns.query(
    `INSERT INTO ${ns.table(collection.name)} (${names.map(columnName).join(', ')})
     VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')}) RETURNING *`,
    values,
  ));
  return toDocument(collection, firstRow(rows.rows));
}

export interface Change<A extends Attributes> {
  values?: Input<A>;
  permissions?: readonly string[];
  createdAt?: Date;
  updatedAt?: Date;
}

/** Writes the given values of one document, or answers undefined when it is gone. */
export async function update<A extends Attributes>(
  ns: Namespace, collection: Collection<A>, sequence: number, change: Change<A>,
): Promise<Document<A> | undefined> {
  const names: string[] = ['_updatedAt'];
  const values: unknown[] = [sequence, change.updatedAt ?? new Date()];
  if (change.permissions !== undefined) { names.push('_permissions'); values.push(change.permissions); }
  if (change.createdAt !== undefined) { names.push('_createdAt'); values.push(change.createdAt); }
  for (const [key, value] of Object.entries(change.values ?? {})) {
    names.push(key);
    values.push(toColumn(collection.attributes[key], value));
  }
  const rows = await guardDuplicates(() => ns.query(
    `UPDATE ${ns.table(collection.name)} SET ${names.map((name, i) => `${columnName(name)} = $${i + 2}`).join(', ')}
     WHERE _id = $1 RETURNING *`,
    values,
  ));
  return rows.rows[0] === undefined ? undefined : toDocument(collection, rows.rows[0]);
}

/** Deletes one document; false when it was gone already. */
export async function remove(ns: Namespace, collection: Collection, sequence: number): Promise<boolean> {
  const result = await ns.query(`DELETE FROM ${ns.table(collection.name)} WHERE _id = $1`, [sequence]);
  return result.rowCount === 1;
}

/** Deletes all documents whose attributes equal the given values. */
export async function removeBy<A extends Attributes>(ns: Namespace, collection: Collection<A>, match: Input<A>): Promise<void> {
  const { text, values } = whereEqual(collection, match);
  await ns.query(`DELETE FROM ${ns.table(collection.name)} WHERE ${text}`, values);
}

/** Ids are found whatever their case, as on the real server. */
export async function find<A extends Attributes>(ns: Namespace, collection: Collection<A>, id: string): Promise<Document<A> | undefined> {
  const result = await ns.query(`SELECT * FROM ${ns.table(collection.name)} WHERE lower(_uid) = lower($1)`, [id]);
  return result.rows[0] === undefined ? undefined : toDocument(collection, result.rows[0]);
}

/** All documents whose attributes equal the given values, oldest first. */
export async function findBy<A extends Attributes>(ns: Namespace, collection: Collection<A>, match: Input<A>): Promise<Document<A>[]> {
  const { text, values } = whereEqual(collection, match);
  const result = await ns.query(`SELECT * FROM ${ns.table(collection.name)} WHERE ${text} ORDER BY _id`, values);
  return result.rows.map((row) => toDocument(collection, row));
}

export async function findOneBy<A extends Attributes>(ns: Namespace, collection: Collection<A>, match: Input<A>): Promise<Document<A> | undefined> {
  return (await findBy(ns, collection, match))[0];
}

export async function countOf<A extends Attributes>(ns: Namespace, collection: Collection<A>, match: Input<A> = {}): Promise<number> {
  const { text, values } = whereEqual(collection, match);
  const result = await ns.query<{ total: number }>(`SELECT count(*) AS total FROM ${ns.table(collection.name)} WHERE ${text}`, values);
  return result.rows[0]?.total ?? 0;
}

/** One page of documents and the number of all that match. */
export async function list<A extends Attributes>(
  ns: Namespace, collection: Collection<A>, query: ListQuery,
): Promise<{ total: number; documents: Document<A>[] }> {
  const sql = compile(ns.table(collection.name), collection.attributes, query);
  const page = await ns.query(sql.page.text, sql.page.values);
  const total = sql.total === undefined ? 0 : (await ns.query<{ total: number }>(sql.total.text, sql.total.values)).rows[0]?.total ?? 0;
  const documents = page.rows.map((row) => toDocument(collection, row));
  return { total, documents: sql.reversed ? documents.reverse() : documents };
}

/** `unique()` asks the server for an id. */
export function resolveId(id: string): string {
  return id === 'unique()' ? uniqueId() : id;
}

function whereEqual<A extends Attributes>(collection: Collection<A>, match: Input<A>): { text: string; values: unknown[] } {
  const entries = Object.entries(match);
  return {
    text: entries.map(([key], i) => `${columnName(key)} = $${i + 1}`).join(' AND ') || 'true',
    values: entries.map(([key, value]) => toColumn(collection.attributes[key], value)),
  };
}

/** The value as the driver must see it: JSON for lists and objects, itself otherwise. */
function toColumn(attribute: Attribute | undefined, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return attribute !== undefined && (attribute.array || attribute.kind === 'json') ? JSON.stringify(value) : value;
}

function firstRow(rows: readonly Record<string, unknown>[]): Record<string, unknown> {
  const row = rows[0];
  if (row === undefined) throw new Error('The statement returned no row.');
  return row;
}

/** The one place where a row of the driver gets its type: the table was made from the same attributes. */
function toDocument<A extends Attributes>(collection: Collection<A>, row: Record<string, unknown>): Document<A> {
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(collection.attributes)) values[key] = row[key];
  return {
    $id: row._uid, $sequence: row._id, $createdAt: row._createdAt, $updatedAt: row._updatedAt, $permissions: row._permissions, values,
  } as Document<A>;
}

async function guardDuplicates<T>(statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '23505') throw new DuplicateDocument(error.message);
    throw error;
  }
}
