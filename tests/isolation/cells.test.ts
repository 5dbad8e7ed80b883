import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { figure, proof, scaled } from '../support/figure';
import { migratedDatabase, type TestDatabase } from '../support/postgres';
import { cellActors, cellsOf, installRunner, tryCells, type Cell, type Leak } from './cells';
import type { Table } from './tables';
import { isShared, makeTenant, makeWorld, type Tenant, type World } from './world';

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
  for (let more = scaled(0, 3); more > 0; more -= 1) tenants.push(await makeTenant(owner, world.tables));
  await installRunner(owner);
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const walled = () => world.tables.filter(({ class: kind }) => kind !== 'public');

function pairs(): [own: Tenant, victim: Tenant][] {
  return tenants.flatMap((own) => tenants.filter((victim) => victim !== own).map((victim): [Tenant, Tenant] => [own, victim]));
}

/** Some of the cells, the same for the same seed; all of them for a whole proof. */
function drawn(cells: Cell[], everyNth: number): Cell[] {
  return proof.whole ? cells : cells.filter((_, index) => (index + proof.seed) % everyNth === 0);
}

test('no form of any verb reaches a column or a row of another organization, for anybody', { timeout: scaled(120_000, 3_600_000) }, async (context) => {
  const leaks: Leak[] = [];
  let [probes, refused] = [0, 0];
  const actors = new Set<string>();
  const started = performance.now();
  for (const [own, victim] of pairs()) {
    const cells = drawn(walled().flatMap((table) => cellsOf(table, own, victim)), 3);
    const ids = new Set(victim.ids);
    await owner.query('begin');
    for (const actor of cellActors(own)) {
      const found = await tryCells(owner, actor, cells, ids);
      probes += found.probes;
      refused += found.refused;
      leaks.push(...found.leaks);
      actors.add(actor.name);
    }
    await owner.query('rollback');
  }
  const seconds = (performance.now() - started) / 1000;
  console.info(`${probes} probes in ${seconds.toFixed(0)} s`, ...leaks.slice(0, 5));
  const enough = scaled(40_000, 1_000_000);
  figure(context, {
    requirements: ['R3', 'R9', 'R15'],
    what: 'ways to read or write rows of another organization',
    reached: `${leaks.length} leaks in ${probes.toLocaleString('en')} distinct probes (${walled().length} tables, ${actors.size} actors, ${pairs().length} pairs of organizations; ${refused.toLocaleString('en')} refused, the others empty)`,
    bound: `0 leaks in at least ${enough.toLocaleString('en')}`,
    pass: leaks.length === 0 && probes >= enough,
  });
});

/** Why a form sees nothing in a table that has no wall at all; null where it must see. */
function whyBlind(table: Table, cells: readonly Cell[], refused: ReadonlySet<string>): string | null {
  if (isShared(table.name) && !cells.some(({ byKey }) => byKey)) return 'its rows are the platform’s and hold no id of an organization';
  // Nothing else refuses here: it came to where another unique key takes the row already, or rows elsewhere refer to it.
  if (cells.every(({ verb, form }) => (verb === 'insert' || verb === 'delete') && refused.has(form))) return 'a constraint stops it where the wall no longer does';
  return null;
}

test('each of these forms sees a hole in each table where there is one, so that its silence means something', { timeout: 120_000 }, async (context) => {
  const blind: string[] = [];
  const reasons = new Map<string, string[]>();
  let combinations = 0;
  await owner.query('begin');
  for (const table of walled()) {
    await owner.query(`alter table ${table.name} disable row level security; grant all on ${table.name} to studio_app`);
    const [forms, refused, cells]: [Set<string>, Set<string>, Cell[]] = [new Set(), new Set(), []];
    // In both directions: the lowest value belongs to whichever of the two was made first.
    for (const [own, victim] of [[world.a, world.b], [world.b, world.a]] as const) {
      const tried = cellsOf(table, own, victim);
      const found = await tryCells(owner, { name: 'member', opening: cellActors(own)[0]?.opening ?? '' }, tried, new Set(victim.ids));
      for (const form of found.forms) forms.add(form);
      for (const form of found.refusedForms) refused.add(form);
      cells.push(...tried);
    }
    for (const form of new Set(cells.map((cell) => cell.form))) {
      combinations += 1;
      if (forms.has(form)) continue;
      const reason = whyBlind(table, cells.filter((cell) => cell.form === form), refused);
      if (reason === null) blind.push(`${table.name}: ${form}`);
      else reasons.set(reason, [...(reasons.get(reason) ?? []), `${table.name}: ${form}`]);
    }
  }
  await owner.query('rollback');
  for (const [reason, names] of reasons) console.info(`${reason}: ${names.join(', ')}`);
  const excused = [...reasons.values()].flat().length;
  figure(context, {
    requirements: ['R3'],
    what: 'tables without row security (a seeded leak in each) × forms of trying it that see it',
    reached: `${combinations - blind.length - excused} of ${combinations} (${[...reasons].map(([reason, names]) => `${names.length}: ${reason}`).join('; ')})${blind.map((each) => `; blind: ${each}`).join('')}`,
    bound: 'all but those with such a reason, fewer than a fifth',
    pass: blind.length === 0 && excused * 5 < combinations,
  });
});
