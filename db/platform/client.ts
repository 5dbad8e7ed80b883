import { hash } from 'node:crypto';
import pg from 'pg';
import { AppError } from '@/lib/kernel/errors';
import { isUuid } from '@/lib/kernel/ids';
import type { Log } from '@/lib/kernel/log';
import { isAborted, isConnectionLost, isNeverSent, isTimedOut, translateDatabaseError } from './errors';
import { systemRoles, type SystemRole } from './relations';

/** The platform database. Opaque: only the functions of this file can reach a connection. */
export interface Database {
  readonly [poolBrand]: pg.Pool;
  readonly [patienceBrand]: number;
  readonly [heardBrand]: { atMs: number };
  readonly [planningBrand]: Plans | null;
}

// Registered by name, because the server and Next each load their own copy of this module and share one pool.
const poolBrand: unique symbol = Symbol.for('studio.platform-pool');
const patienceBrand: unique symbol = Symbol.for('studio.platform-patience');
const heardBrand: unique symbol = Symbol.for('studio.platform-heard');
const planningBrand: unique symbol = Symbol.for('studio.platform-plans');

interface OpenOptions {
  /** The most connections of this process; 20 for a server, 5 for a worker. */
  max: number;
  log: Log;
  applicationName: string;
  /** How long to wait for an answer before the connection is given up: to a connection with the opening of a transaction, then to each statement. */
  patienceMs?: number;
  /** Whether connections lead to Postgres itself, which then plans each statement once for each of them. A transaction pooler mixes sessions. */
  direct?: boolean;
}

/** Opens the pool. Nothing connects before the first query. */
export function openDatabase(url: string, { max, log, applicationName, patienceMs = longPatienceMs, direct = true }: OpenOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    pipeline: true,
    application_name: applicationName,
  });
  // Without listeners a connection that the server ends would end this process too: the pool speaks for idle ones,
  // the client for one that is in use but between two statements.
  const heard = { atMs: performance.now() };
  const noteLoss = (error: Error) => {
    heard.atMs = -Infinity;
    log.warn({ err: error }, 'a database connection was lost');
  };
  pool.on('error', noteLoss);
  pool.on('connect', (client) => client.on('error', noteLoss));
  return { [poolBrand]: pool, [patienceBrand]: patienceMs, [heardBrand]: heard, [planningBrand]: direct ? new Plans() : null };
}

/** The same database for work that takes its time, an export for example: as patient as Postgres itself, which ends a statement after 15 s. */
export function patient(database: Database): Database {
  return { ...database, [patienceBrand]: longPatienceMs };
}

/** The same database for statements that are asked once and never again: planning them for later would only push out those that come back. */
export function unplanned(database: Database): Database {
  return { ...database, [planningBrand]: null };
}

/** For work that nobody waits for: a worker has the lowest priority, and on a busy machine its connections take seconds. */
export const longPatienceMs = 20_000;

/** Postgres that was silent for longer may be gone. On a busy server it is heard all the time. */
const trustedSilenceMs = 250;

/** Whether nothing was heard from Postgres lately: on a server that nobody asks anything, or after a connection was lost. */
export function isSilent(database: Database): boolean {
  return performance.now() - database[heardBrand].atMs > trustedSilenceMs;
}

export async function closeDatabase(database: Database): Promise<void> {
  await database[poolBrand].end();
}

export function databaseUse(database: Database): { total: number; idle: number; waiting: number } {
  const pool = database[poolBrand];
  return { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

/** The most connections that this process opens. */
export function mostConnections(database: Database): number {
  return database[poolBrand].options.max;
}

/** Whose rows a transaction sees. Both ids are row uuids. */
export interface TenantScope {
  organizationId: string;
  userId: string | null;
}

export interface Statement {
  text: string;
  values: unknown[];
}

/** What a verb may do inside a transaction: parameterized SQL, one statement at a time. */
export interface Tx {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Rows read and written so far, for the access log. */
  rowsTouched(): number;
}

declare const tenantBrand: unique symbol;

/** A transaction inside one organization. Only this file can make one. */
export type TenantTx = Tx & { readonly [tenantBrand]: true };

export async function withTenant<Result>(
  database: Database,
  scope: TenantScope,
  { readOnly = false }: { readOnly?: boolean },
  work: (tx: TenantTx) => Promise<Result>,
): Promise<Result> {
  return transaction(database, openTenant(scope, readOnly), (tx) => work(asTenantTx(tx)));
}

/** A transaction that sees a person's own rows (sessions, memberships) and no tenant's. */
export async function withUser<Result>(database: Database, userId: string, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return transaction(database, `begin; ${setLocal('app.current_user', userId)}`, work);
}

/** Why a system role is assumed. Each reason names one role and is written to the log with every use. */
export const systemReasons = {
  'sign-in': 'studio_signin',
  'session-check': 'studio_signin',
  register: 'studio_signin',
  'one-time-token': 'studio_signin',
  'invitation-lookup': 'studio_signin',
  'api-key-check': 'studio_signin',
  placement: 'studio_placement',
  reconcile: 'studio_reconciler',
  'count-sagas': 'studio_reconciler',
  purge: 'studio_janitor',
  'count-keys': 'studio_rotator',
  'rotate-keys': 'studio_rotator',
  'end-proof': 'studio_prober',
  'signing-keys': 'studio_prober',
} as const satisfies Record<string, SystemRole>;

export type SystemReason = keyof typeof systemReasons;

/** A transaction across tenants in a narrow role: it sees only the tables that `relations.ts` gives that role. */
export async function withSystem<Result>(database: Database, reason: SystemReason, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  const role = systemReasons[reason];
  if (!systemRoles.includes(role)) throw new Error(`No such system role: ${role}`);
  return transaction(database, `begin; set local role ${role}`, work);
}

/** Asks the definer functions and the plain public tables; no tenant rows are visible. */
export async function withoutTenant<Result>(database: Database, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return transaction(database, 'begin', work);
}

/**
 * Reads inside a tenant in a single round trip: begin, context, the statements and commit travel together.
 * Answers the rows of each statement in order. For hot paths; everything else uses `withTenant`.
 */
export async function readInTenant(database: Database, scope: TenantScope, statements: readonly Statement[]): Promise<pg.QueryResultRow[][]> {
  return readAtOnce(database, openTenant(scope, true), statements);
}

/** The same for a person's own rows, as `withUser` sees them. */
export async function readAsUser(database: Database, userId: string, statements: readonly Statement[]): Promise<pg.QueryResultRow[][]> {
  return readAtOnce(database, `begin read only; ${setLocal('app.current_user', userId)}`, statements);
}

async function readAtOnce(database: Database, opening: string, statements: readonly Statement[]): Promise<pg.QueryResultRow[][]> {
  return onLiveConnection(database, async (client, leftMs) => {
    const opened = ask(client, timed(opening, leftMs));
    const answers = statements.map(({ text, values }) => ask(client, extended(database, text, values)));
    const committed = ask(client, timed('commit', database[patienceBrand]));
    const results = await Promise.all([opened, committed, ...answers]);
    client.release();
    return results.slice(2).map((result) => result.rows);
  });
}

function openTenant({ organizationId, userId }: TenantScope, readOnly: boolean): string {
  const user = userId === null ? '' : `; ${setLocal('app.current_user', userId)}`;
  return `begin${readOnly ? ' read only' : ''}; ${setLocal('app.current_tenant', organizationId)}${user}`;
}

/**
 * The only setter of the context. `SET LOCAL` takes no parameters, hence a literal; the value is a checked
 * uuid, and the setting ends with the transaction, so nothing reaches the next borrower of the connection.
 */
function setLocal(name: 'app.current_tenant' | 'app.current_user', value: string): string {
  if (!isUuid(value)) throw new Error(`${name} takes a uuid`);
  // Quoted part by part, because `current_user` is a reserved word.
  return `set local ${name.split('.').map((part) => `"${part}"`).join('.')} = '${value}'`;
}

async function transaction<Result>(database: Database, opening: string, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  const client = await onLiveConnection(database, async (opened, leftMs) => {
    await ask(opened, timed(opening, leftMs));
    return opened;
  });
  const course: Course = { failed: [], over: false };
  let result: Result;
  try {
    result = await work(txOn(database, client, course));
  } catch (error) {
    course.over = true;
    if (course.failed.length === 0) void rollBack(database, client);
    else client.release(true);
    // Of statements that were sent together the first one that failed says why; those behind it only that one did.
    throw translateDatabaseError(isAborted(error) ? course.failed[0] : error);
  }
  course.over = true;
  try {
    await commit(database, client);
  } catch (error) {
    client.release(true);
    throw translateDatabaseError(isAborted(error) ? course.failed[0] : error);
  }
  client.release();
  return result;
}

/**
 * Gives a connection back after a refusal of our own, which whoever asked hears meanwhile: a new connection for each
 * would cost more than the request. One on which a statement failed, or that does not say that it rolled back, is
 * destroyed: whatever state it is in must not reach the next borrower.
 */
async function rollBack(database: Database, client: pg.PoolClient): Promise<void> {
  const { command } = await ask(client, timed('rollback', database[patienceBrand])).catch(() => ({ command: null }));
  client.release(command !== 'ROLLBACK');
}

async function commit(database: Database, client: pg.PoolClient): Promise<void> {
  let command: string;
  try {
    ({ command } = await ask(client, timed('commit', database[patienceBrand])));
  } catch (error) {
    if (!(isConnectionLost(error) || isTimedOut(error)) || isNeverSent(error)) throw error;
    // The server may have kept the change: only the answer is known to be lost.
    throw new AppError('unavailable', 'The connection broke while the change was being saved. Look whether it is there before you try again.', { cause: error, unsure: true });
  }
  // A pipelined COMMIT of a failed transaction resolves, with the command ROLLBACK.
  if (command !== 'COMMIT') throw new Error('the transaction was rolled back by the server');
}

/**
 * Runs what changes nothing: the opening of a transaction, or reads. Idle connections can be dead without the pool
 * having heard of it, all of them after a restart of the server; then the next one is tried, and at last a new one.
 */
async function onLiveConnection<Result>(database: Database, work: (client: pg.PoolClient, leftMs: number) => Promise<Result>): Promise<Result> {
  const untilMs = performance.now() + database[patienceBrand];
  for (let attempt = 1; ; attempt += 1) {
    const client = await connect(database);
    try {
      const result = await work(client, Math.max(1, untilMs - performance.now()));
      database[heardBrand].atMs = performance.now();
      return result;
    } catch (error) {
      client.release(true);
      if (attempt > database[poolBrand].options.max || !isConnectionLost(error)) throw translateDatabaseError(error);
    }
  }
}

async function connect(database: Database): Promise<pg.PoolClient> {
  try {
    return await database[poolBrand].connect();
  } catch (error) {
    throw new AppError('unavailable', 'The database cannot be reached right now. Nothing was changed; try again.', {
      cause: error,
      retryAfterSeconds: 2,
    });
  }
}

/** What became of a transaction. */
interface Course {
  /** What Postgres refused, in the order of the statements. */
  failed: unknown[];
  /** Its connection is another's by now, or will be. */
  over: boolean;
}

function txOn(database: Database, client: pg.PoolClient, course: Course): Tx {
  let touched = 0;
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) {
      if (course.over) throw new Error('a statement came after the end of its transaction');
      try {
        const { rows, rowCount } = await ask<Row>(client, extended(database, text, values));
        touched += rowCount ?? 0;
        return rows;
      } catch (error) {
        course.failed.push(error);
        throw error;
      }
    },
    rowsTouched: () => touched,
  };
}

/** What is asked in the same turn leaves in one packet: a packet for each statement would wake Postgres as often. */
function ask<Row extends pg.QueryResultRow>(client: pg.PoolClient, query: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
  const { stream } = client.connection;
  if (stream.writableCorked === 0) {
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
  return client.query<Row>(query);
}

/** The driver takes a time limit for each statement, which its types do not tell. */
type Timed = pg.QueryConfig & { query_timeout: number };

function timed(text: string, limitMs: number): Timed {
  return { text, query_timeout: limitMs };
}

/** The extended protocol takes one statement: what follows a smuggled semicolon is refused by the server. */
function extended(database: Database, text: string, values: unknown[]): pg.QueryConfig {
  const config: Timed & { queryMode: 'extended' } = { ...timed(text, database[patienceBrand]), values, queryMode: 'extended' };
  const name = database[planningBrand]?.nameOf(text);
  return name === undefined ? config : { ...config, name };
}

/** Statements that differ in their text; more than these would only fill the memory of Postgres. */
const mostPlans = 400;

/**
 * Names for statements, so that a connection parses and plans each of them once: for short ones that is most of
 * their cost. Postgres itself keeps planning those for which the values matter.
 */
class Plans {
  readonly #names = new Map<string, string>();

  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= mostPlans) return known;
    // By content, not by number: should connections be mixed after all, a name can never stand for another statement.
    const name = `s${hash('sha256', text, 'hex').slice(0, 24)}`;
    this.#names.set(text, name);
    return name;
  }
}

function asTenantTx(tx: Tx): TenantTx {
  return tx as TenantTx;
}
