import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findViolations, type Violation } from '@/db/platform/catalog-rules';
import { migratedDatabase, type TestDatabase } from '../support/postgres';
import { allMutants, type Mutant } from './mutants';
import { probersOf, probeTables, type Leak } from './probes';
import { makeWorld, type World } from './world';

let database: TestDatabase;
let owner: pg.Client;
let world: World;
beforeAll(async () => {
  database = await migratedDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  world = await makeWorld(owner);
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** Weakens the wall in a transaction, looks, and takes it back. Roles are the cluster's, but what is not committed is seen by nobody else. */
async function weakened<Result>({ sql }: Mutant, look: () => Promise<Result>): Promise<Result> {
  await owner.query('begin');
  try {
    await owner.query(sql);
    return await look();
  } finally {
    await owner.query('rollback');
  }
}

async function violations(): Promise<Violation[]> {
  await owner.query('set local session authorization studio_app');
  return findViolations({
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) => (await owner.query<Row>(text, values)).rows,
  });
}

function leaksOf(table: string): Promise<Leak[]> {
  const tables = world.tables.filter(({ name }) => name === table);
  return probeTables(owner, world, probersOf(world), tables).then(({ leaks }) => leaks);
}

test('the catalog as it is breaks no rule', async () => {
  expect(await weakened({ name: 'nothing', sql: 'select' }, violations)).toEqual([]);
});

// Some thousand small changes, each made and taken back.
const manyMs = 240_000;

test('every mutant is seen by the catalog rules, which every process asks at its start', { timeout: manyMs }, async () => {
  const mutants = allMutants();
  const survivors = [];
  for (const mutant of mutants) {
    const found = await weakened(mutant, violations);
    if (found.length === 0) survivors.push(mutant.name);
  }
  console.info(`isolation: catalog rules killed ${mutants.length - survivors.length} of ${mutants.length} mutants`);
  expect(survivors).toEqual([]);
});

test('every mutant that opens rows is seen by the probes too', { timeout: manyMs }, async () => {
  const mutants = allMutants().filter(({ opens }) => opens !== undefined);
  const survivors = [];
  for (const mutant of mutants) {
    const leaks = await weakened(mutant, () => leaksOf(mutant.opens ?? ''));
    if (leaks.length === 0) survivors.push(mutant.name);
  }
  console.info(`isolation: probes killed ${mutants.length - survivors.length} of ${mutants.length} mutants that open rows`);
  expect(survivors).toEqual([]);
});

test('R10: a permissive policy that somebody adds later opens nothing', async () => {
  const walled = world.tables.filter(({ class: kind }) => kind === 'tenant' || kind === 'user-owned');
  const leaks: Leak[] = [];
  for (const { name } of walled) {
    const mutant = { name, sql: `create policy later on ${name} using (true) with check (true)` };
    leaks.push(...(await weakened(mutant, () => leaksOf(name))));
  }
  console.info(`isolation: ${walled.length} permissive policies added, ${leaks.length} leaks`);
  expect(leaks).toEqual([]);
});
