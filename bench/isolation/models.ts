/**
 * The two isolation models of `docs/isolation-models.md` side by side in one Postgres: one table under row-level
 * security, and one set of tables for each tenant. Prints the figure beside each row of the comparison.
 * `npm run bench:isolation`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { removePostgres, startPostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';

const tenants = 1_000;
const rowsEach = 100;
const rounds = 9;
const lookups = 400;

const dataDir = await mkdtemp(path.join(tmpdir(), 'studio-isolation-'));
const postgres = await startPostgres({ dataDir, port: await anyFreePort() });
const owner = new pg.Client({ connectionString: postgres.urls.owner });
await owner.connect();
try {
  await prepare();
  const found = [
    ['Rows of another tenant read when a query forgets its filter', await forgottenFilter()],
    ['Rows of another tenant read by an injected statement', await injected()],
    ['Point read, median of medians', await pointReads()],
    ['List of 25 by time, median of medians', await lists()],
    ['Index size for all tenants', await indexSize()],
    ['Relations in the catalog', await relationCount()],
    ['Making one more tenant', await newTenant()],
    ['Copying one tenant out', await copyOut()],
  ] as const;
  console.log(`${tenants} tenants, ${rowsEach} rows each, Postgres ${(await one<{ v: string }>('select current_setting(\'server_version\') as v')).v}\n`);
  console.log('| what | one table under RLS | tables for each tenant |\n|---|---|---|');
  for (const [what, { rls, namespace }] of found) console.log(`| ${what} | ${rls} | ${namespace} |`);
} finally {
  await owner.end();
  await postgres.stop();
  await removePostgres(dataDir);
  await rm(dataDir, { recursive: true, force: true });
}

interface Figures {
  rls: string;
  namespace: string;
}

async function prepare(): Promise<void> {
  await owner.query(`
    drop role if exists tenant_reader;
    create role tenant_reader login password 'bench' nosuperuser;
    create table shared_users (tenant_id int not null, id int not null, email text not null, name text not null, created_at timestamptz not null, primary key (tenant_id, id));
    create index shared_users_time on shared_users (tenant_id, created_at desc);
    alter table shared_users enable row level security;
    alter table shared_users force row level security;
    create policy tenant_isolation on shared_users using (tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::int));
    grant connect on database studio to tenant_reader;
    grant usage on schema public to tenant_reader;
    grant select on shared_users to tenant_reader;
    insert into shared_users select t, i, 'u' || i || '@t' || t || '.test', 'User ' || i, now() - i * interval '1 minute' from generate_series(1, ${tenants}) t, generate_series(1, ${rowsEach}) i;`);
  for (let tenant = 1; tenant <= tenants; tenant += 1) await owner.query(namespaceTables(tenant));
  await owner.query('vacuum analyze');
}

/** The other model with the same columns: no tenant column, a table of its own. */
function namespaceTables(tenant: number): string {
  return `
    create table _${tenant}_users (id int primary key, email text not null, name text not null, created_at timestamptz not null);
    create index _${tenant}_users_time on _${tenant}_users (created_at desc);
    grant select on _${tenant}_users to tenant_reader;
    insert into _${tenant}_users select i, 'u' || i || '@t${tenant}.test', 'User ' || i, now() - i * interval '1 minute' from generate_series(1, ${rowsEach}) i;`;
}

async function asReader<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const url = new URL(postgres.urls.owner);
  url.username = 'tenant_reader';
  url.password = 'bench';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function forgottenFilter(): Promise<Figures> {
  return asReader(async (client) => {
    await client.query(`begin; set local app.current_tenant = '7'`);
    const { rows } = await client.query('select tenant_id from shared_users');
    await client.query('rollback');
    // A prefix that was built for the wrong tenant is the namespace model's forgotten filter: nothing refuses it.
    const other = await client.query('select * from _8_users');
    return { rls: `${rows.filter((row) => row.tenant_id !== 7).length}`, namespace: `${other.rowCount} (a wrong prefix)` };
  });
}

async function injected(): Promise<Figures> {
  const attack = `with x as materialized (select set_config('app.current_tenant', '8', true) as v) select (select count(*)::int from shared_users where tenant_id = 8 and x.v is not null) as n from x`;
  const open = await asReader((client) => countAs(client, attack));
  await owner.query('revoke execute on function pg_catalog.set_config(text, text, boolean) from public');
  const closed = await asReader((client) => countAs(client, attack));
  await owner.query('grant execute on function pg_catalog.set_config(text, text, boolean) to public');
  const union = await asReader(async (client) => (await client.query('select name from _7_users where id = 0 union all select name from _8_users')).rowCount);
  return { rls: `${open} while set_config is open, ${closed} once it is revoked`, namespace: `${union} (union with another prefix)` };
}

async function countAs(client: pg.Client, sql: string): Promise<string> {
  await client.query(`begin; set local app.current_tenant = '7'`);
  try {
    const { rows } = await client.query<{ n: number }>(sql);
    return String(rows[0]?.n);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return `0 (refused, ${error.code})`;
  } finally {
    await client.query('rollback');
  }
}

function pointReads(): Promise<Figures> {
  return compare(
    (tenant) => ({ text: 'select * from shared_users where tenant_id = $1 and id = $2', values: [tenant, 50] }),
    (tenant) => ({ text: `select * from _${tenant}_users where id = $1`, values: [50] }),
  );
}

function lists(): Promise<Figures> {
  return compare(
    (tenant) => ({ text: 'select * from shared_users where tenant_id = $1 order by created_at desc limit 25', values: [tenant] }),
    (tenant) => ({ text: `select * from _${tenant}_users order by created_at desc limit 25`, values: [] }),
  );
}

type Query = (tenant: number) => { text: string; values: unknown[] };

/** Both in turn, round by round, so that the machine's moods meet both; each in a transaction, as in the product. */
async function compare(rls: Query, namespace: Query): Promise<Figures> {
  return asReader(async (client) => {
    const medians: Record<'rls' | 'namespace', number[]> = { rls: [], namespace: [] };
    for (let round = 0; round < rounds; round += 1) {
      medians.rls.push(await timed(client, (tenant) => `begin read only; set local app.current_tenant = '${tenant}'`, rls));
      medians.namespace.push(await timed(client, () => 'begin read only', namespace));
    }
    return { rls: milliseconds(median(medians.rls)), namespace: milliseconds(median(medians.namespace)) };
  });
}

async function timed(client: pg.Client, opening: (tenant: number) => string, query: Query): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < lookups; index += 1) {
    const tenant = 1 + ((index * 37) % tenants);
    const startedMs = performance.now();
    await client.query(opening(tenant));
    await client.query(query(tenant));
    await client.query('commit');
    times.push(performance.now() - startedMs);
  }
  return median(times);
}

async function indexSize(): Promise<Figures> {
  const rls = await one<{ size: string }>(`select pg_size_pretty(pg_indexes_size('shared_users')) as size`);
  const namespace = await one<{ size: string }>(`select pg_size_pretty(sum(pg_indexes_size(oid))) as size from pg_class where relname ~ '^_[0-9]+_users$'`);
  return { rls: rls.size, namespace: namespace.size };
}

async function relationCount(): Promise<Figures> {
  const rls = await one<{ n: string }>(`select count(*) as n from pg_class where relname like 'shared_users%'`);
  const namespace = await one<{ n: string }>(`select count(*) as n from pg_class where relname ~ '^_[0-9]+_users'`);
  return { rls: rls.n, namespace: namespace.n };
}

async function newTenant(): Promise<Figures> {
  const insert = await median9(async (round) => owner.query(`insert into shared_users select ${100_000 + round}, i, 'a', 'b', now() from generate_series(1, ${rowsEach}) i`));
  const create = await median9(async (round) => owner.query(namespaceTables(100_000 + round)));
  return { rls: milliseconds(insert), namespace: milliseconds(create) };
}

async function copyOut(): Promise<Figures> {
  const rls = await median9(() => owner.query('select * from shared_users where tenant_id = 7'));
  const namespace = await median9(() => owner.query('select * from _7_users'));
  return { rls: `${milliseconds(rls)} (by filter)`, namespace: `${milliseconds(namespace)} (whole table)` };
}

async function median9(work: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    await work(round);
    times.push(performance.now() - startedMs);
  }
  return median(times);
}

async function one<Row extends pg.QueryResultRow>(sql: string): Promise<Row> {
  const { rows } = await owner.query<Row>(sql);
  const [row] = rows;
  if (row === undefined) throw new Error('no row');
  return row;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}
