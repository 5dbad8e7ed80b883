import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';

/** The one schema in which every namespace lives. */
export const SCHEMA = 'appwrite';

const TABLE_NAME = /^[a-z][a-zA-Z0-9_]{0,40}$/;
const COLUMN_NAME = /^(_(id|uid|createdAt|updatedAt|permissions|tenant)|[a-zA-Z0-9][a-zA-Z0-9._-]{0,35})$/;

/**
 * One project's (or the console's) share of the database. This class is the only place that builds
 * physical table names and sets the tenant: everyone else asks for `table('users')` and gets
 * `"appwrite"."_123_users"`, so a query cannot name a table of another project.
 */
export class Namespace {
  readonly tenant: number;
  readonly prefix: string;
  readonly #pool: Pool;
  readonly #client: PoolClient | undefined;

  private constructor(pool: Pool, tenant: number, prefix: string, client?: PoolClient) {
    this.#pool = pool;
    this.#client = client;
    this.tenant = tenant;
    this.prefix = prefix;
  }

  static console(pool: Pool): Namespace {
    return new Namespace(pool, 0, '_console');
  }

  static project(pool: Pool, sequence: number): Namespace {
    if (!Number.isSafeInteger(sequence) || sequence < 1) throw new TypeError('A project namespace needs a positive sequence.');
    return new Namespace(pool, sequence, `_${sequence}`);
  }

  /** The quoted physical name of a logical table of this namespace. */
  table(name: string): string {
    return `${SCHEMA}.${quote(this.#physical(name))}`;
  }

  /** The quoted name of an index or constraint, unique within the schema. */
  indexName(table: string, suffix: string): string {
    return quote(`${this.#physical(table)}_${suffix}`);
  }

  query<R extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<QueryResult<R>> {
    return (this.#client ?? this.#pool).query<R>(sql, [...values]);
  }

  /** Runs `work` on one connection in one transaction; nested calls join the outer one. */
  async transaction<T>(work: (ns: Namespace) => Promise<T>): Promise<T> {
    if (this.#client !== undefined) return work(this);
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(new Namespace(this.#pool, this.tenant, this.prefix, client));
      const end = await client.query('COMMIT');
      // Postgres answers COMMIT of a failed transaction with success and the word ROLLBACK.
      if (end.command !== 'COMMIT') throw new Error('The transaction was rolled back.');
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(() => client.release(), (broken: unknown) => client.release(broken instanceof Error ? broken : true));
      throw error;
    }
  }

  /**
   * Makes a table with the columns that every document has. The tenant column can hold this
   * namespace's tenant and no other: a row cannot be planted from outside.
   */
  async createTable(name: string, columns: readonly string[]): Promise<void> {
    const table = this.table(name);
    await this.query(`CREATE TABLE ${table} (
      _id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      _uid text NOT NULL,
      "_createdAt" timestamptz(3) NOT NULL,
      "_updatedAt" timestamptz(3) NOT NULL,
      _permissions text[] NOT NULL DEFAULT '{}',
      _tenant bigint NOT NULL DEFAULT ${this.tenant} CHECK (_tenant = ${this.tenant})
      ${columns.map((column) => `, ${column}`).join('')})`);
    await this.query(`CREATE UNIQUE INDEX ${this.indexName(name, 'uid')} ON ${table} (lower(_uid))`);
  }

  async hasTable(name: string): Promise<boolean> {
    const found = await this.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [this.table(name)]);
    return found.rows[0]?.found ?? false;
  }

  /** Every logical table of this namespace that exists, customers' tables included. */
  async tables(): Promise<string[]> {
    const found = await this.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relkind = 'r' AND starts_with(c.relname, $2) ORDER BY c.relname`,
      [SCHEMA, `${this.prefix}_`],
    );
    return found.rows.map((row) => row.name.slice(this.prefix.length + 1));
  }

  async dropTable(name: string): Promise<void> {
    await this.query(`DROP TABLE IF EXISTS ${this.table(name)}`);
  }

  #physical(name: string): string {
    if (!TABLE_NAME.test(name)) throw new TypeError(`Not a table name: ${JSON.stringify(name)}`);
    return `${this.prefix}_${name}`;
  }
}

/** A column name, checked against what Appwrite allows as a key and quoted. */
export function columnName(key: string): string {
  if (!COLUMN_NAME.test(key)) throw new TypeError(`Not a column name: ${JSON.stringify(key)}`);
  return quote(key);
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** Goes up with every change of the tables in `schema.ts`. */
const LAYOUT = 'layout 1';

/**
 * Makes the schema and its one function; safe to run at every start and by two servers at once.
 * Refuses a schema of another layout: half-fitting tables would fail later and say less.
 */
export async function createSchema(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [SCHEMA]);
    const present = await client.query<{ layout: string | null }>(`SELECT obj_description(oid, 'pg_namespace') AS layout FROM pg_namespace WHERE nspname = $1`, [SCHEMA]);
    if (present.rows[0] !== undefined && present.rows[0].layout !== LAYOUT) {
      throw new Error('The local Appwrite data was made by another version of Studio: start once with "npm run up -- --reset", which deletes all local data.');
    }
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    await client.query(`COMMENT ON SCHEMA ${SCHEMA} IS '${LAYOUT}'`);
    // Text compares as in the collation of the real server: case, accents and trailing spaces do not count.
    await client.query(String.raw`CREATE OR REPLACE FUNCTION ${SCHEMA}.fold(value text) RETURNS text
      LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      RETURN lower(regexp_replace(normalize(rtrim(value), NFD), '[\u0300-\u036f]', '', 'g'))`);
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtext($1))', [SCHEMA]);
    client.release();
  }
}
