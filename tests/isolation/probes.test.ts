import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { relations } from '@/db/platform/relations';
import { figure } from '../support/figure';
import { migratedDatabase, type TestDatabase } from '../support/postgres';
import { probeAll, probersOf } from './probes';
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

test('the world has rows of both organizations in every relation of the list', () => {
  expect(world.tables.map(({ name }) => name).sort()).toEqual(Object.keys(relations).sort());
  for (const { name } of world.tables) {
    expect(world.a.rows.get(name)?.length, name).toBeGreaterThan(0);
    expect(world.b.rows.get(name)?.length, name).toBeGreaterThan(0);
  }
  expect(world.a.projects.length).toBeGreaterThanOrEqual(2);
  expect(world.a.ids.filter((id) => world.b.ids.includes(id))).toEqual([]);
});

test('everybody sees the own rows, so that the silence about others means something', async () => {
  const seen = [];
  await owner.query('begin');
  await owner.query(`set local session authorization studio_app; set local "app"."current_tenant" = '${world.a.organizationId}'; set local "app"."current_user" = '${world.a.users[0]}'`);
  for (const { name, class: kind } of world.tables.filter(({ class: each }) => each !== 'platform-only')) {
    const { rowCount } = await owner.query(`select from ${name}`);
    const own = world.a.rows.get(name)?.length ?? 0;
    seen.push({ name, rows: rowCount ?? 0, enough: kind === 'user-owned' ? (rowCount ?? 0) > 0 : rowCount === own });
  }
  await owner.query('rollback');
  expect(seen.filter(({ enough }) => !enough)).toEqual([]);
});

test('R3, R9: no way to read or write reaches the other organization', async (context) => {
  const { probes, families, leaks } = await probeAll(owner, world, probersOf(world));
  console.info(...leaks);
  figure(context, { requirements: ['R3', 'R4', 'R9'], what: 'whole-table statements, with every row of the other organization compared afterwards', reached: `${leaks.length} leaks in ${probes} probes (${world.tables.length} tables, ${families.size} kinds of statement)`, bound: '0 leaks, by 10 kinds', pass: leaks.length === 0 && families.size === 10 });
});

test('somebody who belongs to both sees of the other one what the switcher shows, and changes nothing there', async () => {
  const person = world.a.users[0];
  await owner.query(`insert into memberships (organization_id, public_id, user_id, role) values ($1, 'mem_both', $2, 'owner')`, [world.b.organizationId, person]);
  const { probes, leaks } = await probeAll(owner, world, probersOf(world).slice(0, 1));
  await owner.query(`delete from memberships where public_id = 'mem_both'`);
  const reads = leaks.filter(({ saw }) => saw !== 'rows changed');
  expect(leaks.length - reads.length).toBe(0);
  expect([...new Set(reads.map(({ table }) => table))].sort()).toEqual(['memberships', 'organizations']);
  expect(reads.filter(({ probe }) => !/^(select|copy)/.test(probe))).toEqual([]);
  console.info(`isolation, member of both: ${probes} probes, ${leaks.length - reads.length} changes`);
});

test('the probes see what there is to see: without row security every table leaks by most of them', async () => {
  for (const { name } of world.tables) await owner.query(`alter table ${name} disable row level security; grant all on ${name} to studio_app`);
  const { probes, leaks } = await probeAll(owner, world, probersOf(world).slice(0, 1));
  const blind = world.tables.filter(({ name, class: kind }) => kind !== 'public' && !leaks.some(({ table }) => table === name)).map(({ name }) => name);
  console.info(`isolation, without row security: ${leaks.length} of ${probes} probes leak`);
  // COPY writes wherever INSERT writes the same row.
  const openTo = (form: string) => leaks.filter(({ probe }) => probe === form).map(({ table }) => table);
  expect(openTo('copy from: a new row')).toEqual(openTo('insert: a new row'));
  expect(openTo('copy from: a new row').length).toBeGreaterThan(20);
  expect(blind).toEqual([]);
  expect(leaks.length / probes).toBeGreaterThan(0.6);
});
