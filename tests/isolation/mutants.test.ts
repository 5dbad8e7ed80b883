import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogRules, findViolations, type Violation } from '@/db/platform/catalog-rules';
import { drawn, figure } from '../support/figure';
import { migratedDatabase, type TestDatabase } from '../support/postgres';
import { allMutants, keyMutants, type Mutant } from './mutants';
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

/** The first rule that is broken; most mutants break several, and one is enough. */
async function firstViolation(): Promise<string | null> {
  await owner.query('set local session authorization studio_app');
  for (const { title, text, values } of catalogRules) if ((await owner.query(text, values)).rows.length > 0) return title;
  return null;
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

// All of them in a proof, some by the seed in a test run.
test('mutants are seen by the catalog rules, which every process asks at its start', { timeout: manyMs }, async (context) => {
  const mutants = drawn(allMutants(), 5);
  const survivors = [];
  for (const mutant of mutants) {
    if ((await weakened(mutant, firstViolation)) === null) survivors.push(mutant.name);
  }
  console.info(survivors.join('\n'));
  figure(context, {
    requirements: ['R1', 'R2', 'R3', 'R10', 'R11', 'R12', 'R13', 'R14', 'R15', 'R16'],
    what: 'mutants of policies, grants, keys, roles and functions killed by the rules that every process asks at its start',
    reached: `${mutants.length - survivors.length} of ${mutants.length}`,
    bound: 'all',
    pass: survivors.length === 0,
  });
});

/** What is said of keys, and by nobody else. */
async function ofKeys(): Promise<string[]> {
  await owner.query('set local session authorization studio_app');
  const found: string[] = [];
  for (const { id, text, values } of catalogRules) if (id === 'R11' || id === 'R12') found.push(...(await owner.query<{ what: string }>(text, values)).rows.map(({ what }) => what));
  return found;
}

test('R11, R12: every key of the catalog that loses its organization is found by its name', { timeout: manyMs }, async (context) => {
  const mutants = await keyMutants(owner);
  const survivors: string[] = [];
  for (const mutant of mutants) {
    const found = await weakened(mutant, ofKeys);
    if (!found.some((what) => what.startsWith(`${mutant.key} `))) survivors.push(mutant.name);
  }
  console.info(survivors.join('\n'));
  figure(context, {
    requirements: ['R11', 'R12'], what: 'foreign and unique keys of the catalog put back without the organization, each found by its name',
    reached: `${mutants.length - survivors.length} of ${mutants.length}${survivors.map((each) => `; ${each}`).join('')}`, bound: 'all, and more than 50', pass: survivors.length === 0 && mutants.length > 50,
  });
});

test('mutants that open rows are seen by the probes too', { timeout: manyMs }, async (context) => {
  const mutants = drawn(allMutants().filter(({ opens }) => opens !== undefined), 3);
  const survivors = [];
  for (const mutant of mutants) {
    const leaks = await weakened(mutant, () => leaksOf(mutant.opens ?? ''));
    if (leaks.length === 0) survivors.push(mutant.name);
  }
  console.info(survivors.join('\n'));
  figure(context, { requirements: ['R3'], what: 'mutants that open rows killed by the probes', reached: `${mutants.length - survivors.length} of ${mutants.length}`, bound: 'all', pass: survivors.length === 0 });
});

test('R10: a permissive policy that somebody adds later opens nothing', async (context) => {
  const walled = world.tables.filter(({ class: kind }) => kind === 'tenant' || kind === 'user-owned');
  const leaks: Leak[] = [];
  for (const { name } of walled) {
    const mutant = { name, sql: `create policy later on ${name} using (true) with check (true)` };
    leaks.push(...(await weakened(mutant, () => leaksOf(name))));
  }
  console.info(...leaks);
  figure(context, { requirements: ['R10'], what: 'permissive policies added later to each walled table', reached: `${leaks.length} leaks through ${walled.length} of them`, bound: '0 leaks', pass: leaks.length === 0 });
});
