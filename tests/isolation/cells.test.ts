import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { drawn, figure, scaled } from '../support/figure';
import { migratedDatabase, type TestDatabase } from '../support/postgres';
import { actorsOf, actorsOfNone, cellsOf, foreignTo, installRunner, tryCells, unstoppable, whyQuiet, type Cell, type Leak, type WhyQuiet } from './cells';
import { makeTenant, makeWorld, type Tenant, type World } from './world';

let database: TestDatabase;
let owner: pg.Client;
let world: World;
let tenants: Tenant[];

beforeAll(async () => {
  database = await migratedDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  world = await makeWorld(owner);
  tenants = [world.a, world.b];
  for (let more = scaled(0, 5); more > 0; more -= 1) tenants.push(await makeTenant(owner, world.tables));
  await installRunner(owner);
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const walled = () => world.tables.filter(({ class: kind }) => kind !== 'public');

/** Each statement once: what names nobody is the same for every victim. */
function distinct(cells: Cell[]): Cell[] {
  return [...new Map(cells.map((cell) => [cell.statement, cell])).values()];
}

/** How the same column is read in the same form, whoever asks. */
const sameReading = ({ table, column, form }: Cell) => `${table}.${column} ${form}`;

test('no form of any verb reaches a column or a row of another organization, for anybody', { timeout: scaled(120_000, 3_600_000) }, async (context) => {
  const leaks: Leak[] = [];
  let [statements, probes, refused] = [0, 0, 0];
  const quiet: { cell: Cell; why: WhyQuiet | null }[] = [];
  const [loud, triedByNone] = [new Set<string>(), new Set<string>()];
  const started = performance.now();
  for (const own of tenants) {
    const victims = tenants.filter((tenant) => tenant !== own);
    const cells = distinct(victims.flatMap((victim) => drawn(walled().flatMap((table) => cellsOf(table, own, victim)), 3)));
    const foreign = foreignTo(own, tenants);
    statements += cells.length;
    await owner.query('begin');
    const able = new Set((await tryCells(owner, unstoppable, cells, foreign.words)).leaks.map(({ cell }) => cell));
    for (const cell of cells) {
      if (able.has(cell)) loud.add(sameReading(cell));
      else quiet.push({ cell, why: whyQuiet(cell, foreign) });
    }
    const unheard = [...able].filter(({ statement }) => !triedByNone.has(statement));
    for (const { statement } of unheard) triedByNone.add(statement);
    for (const [actors, tried] of [[actorsOf(own), [...able]], [actorsOfNone, unheard]] as const) {
      for (const actor of actors) {
        const found = await tryCells(owner, actor, tried, foreign.words);
        probes += found.probes;
        refused += found.refused;
        leaks.push(...found.leaks);
      }
    }
    await owner.query('rollback');
  }
  const seconds = (performance.now() - started) / 1000;
  // The extreme value is in one organization only: somebody of another one must have been able to see it.
  const mute = quiet.filter(({ cell, why }) => why === null || (why === 'an own row has the extreme value' && !loud.has(sameReading(cell))));
  const reasons = new Map<string, number>();
  for (const { why } of quiet) reasons.set(why ?? 'for no reason', (reasons.get(why ?? 'for no reason') ?? 0) + 1);
  console.info(`${probes} probes in ${seconds.toFixed(0)} s`, ...leaks.slice(0, 5), ...mute.slice(0, 5));
  const enough = scaled(40_000, 1_000_000);
  const actors = actorsOf(world.a).length + actorsOfNone.length;
  figure(context, {
    requirements: ['R3', 'R9', 'R15'],
    what: 'ways to read or write rows of another organization, each of which shows them or touches them when nothing stops it',
    reached: `${leaks.length} leaks in ${probes.toLocaleString('en')} distinct probes (${walled().length} tables, ${actors} actors, ${tenants.length} organizations; ${refused.toLocaleString('en')} refused, the others empty; left out as unable to leak ${quiet.length.toLocaleString('en')} of ${statements.toLocaleString('en')} statements: ${[...reasons].map(([why, count]) => `${count.toLocaleString('en')} ${why}`).join(', ')}${mute.slice(0, 5).map(({ cell }) => `; mute: ${sameReading(cell)}`).join('')})`,
    bound: `0 leaks in at least ${enough.toLocaleString('en')}, and no other statement unable to leak, nor a tenth of all`,
    pass: leaks.length === 0 && mute.length === 0 && quiet.length * 10 < statements && probes >= enough,
  });
});

test('each of these forms sees a hole in each table where there is one, so that its silence means something', { timeout: 120_000 }, async (context) => {
  const blind: string[] = [];
  let combinations = 0;
  await owner.query('begin');
  for (const table of walled()) {
    await owner.query(`alter table ${table.name} disable row level security; grant all on ${table.name} to studio_app`);
    const [forms, sighted] = [new Set<string>(), new Set<string>()];
    // In both directions: the lowest value may be an own one.
    for (const [own, victim] of [[world.a, world.b], [world.b, world.a]] as const) {
      const tried = cellsOf(table, own, victim);
      const { leaks } = await tryCells(owner, actorsOf(own)[0], tried, foreignTo(own, tenants).words);
      for (const { form } of tried) forms.add(form);
      for (const { cell } of leaks) sighted.add(cell.form);
    }
    combinations += forms.size;
    blind.push(...[...forms].filter((form) => !sighted.has(form)).map((form) => `${table.name}: ${form}`));
  }
  await owner.query('rollback');
  figure(context, {
    requirements: ['R3'],
    what: 'tables without row security (a seeded leak in each) × forms of trying it that see it',
    reached: `${combinations - blind.length} of ${combinations}${blind.map((each) => `; blind: ${each}`).join('')}`,
    bound: 'all',
    pass: blind.length === 0,
  });
});
