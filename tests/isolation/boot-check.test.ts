import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assertSafe, belowFloor, connectionsNeeded } from '@/db/platform/boot-check';
import { closeDatabase, openDatabase } from '@/db/platform/client';
import type { Log } from '@/lib/kernel/log';
import { figure } from '../support/figure';
import { migratedDatabase, testDatabase, withClient, type TestDatabase } from '../support/postgres';

let urls: TestDatabase;
beforeAll(async () => {
  urls = await migratedDatabase();
});
afterAll(() => urls.drop());

const warnings: string[] = [];
const log: Log = { debug: () => undefined, info: () => undefined, warn: (_, message) => void warnings.push(message), error: () => undefined };

async function boot(url: string, connections: number | null = null): Promise<string> {
  const database = openDatabase(url, { max: 1, log, applicationName: 'boot' });
  try {
    await assertSafe(database, { mode: 'local', log, connections });
    return 'booted';
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    await closeDatabase(database);
  }
}

/** Weakens this one database for good, looks, and repairs it. */
async function bootAfter(breakIt: string, repair: string): Promise<string> {
  await withClient(urls.ownerUrl, (owner) => owner.query(breakIt));
  try {
    return await boot(urls.appUrl);
  } finally {
    await withClient(urls.ownerUrl, (owner) => owner.query(repair));
  }
}

test('a migrated database is safe to serve from', async () => {
  expect(await boot(urls.appUrl)).toBe('booted');
});

describe('refuses to boot', () => {
  test('as the owner, whom no policy binds', async () => {
    const message = await boot(urls.ownerUrl);
    expect(message).toContain('not safe to serve from');
    expect(message).toContain('R1: the login is the runtime role');
  });

  test('on a database that was never migrated', async () => {
    const empty = await testDatabase();
    const message = await boot(empty.appUrl);
    await empty.drop();
    expect(message).toContain('projects is missing');
    expect(message).toContain('Run the migration as the owner');
  });

  test.each([
    ['a table without row security', 'alter table projects disable row level security', 'alter table projects enable row level security', 'R1: row security is on and forced: projects'],
    ['a table that does not force it', 'alter table projects no force row level security', 'alter table projects force row level security', 'R1: row security is on and forced: projects'],
    ['a table that nobody listed', 'create table forgotten (id int)', 'drop table forgotten', 'forgotten is not on the list'],
    ['a policy more', 'create policy later on projects using (true)', 'drop policy later on projects', 'projects has the policy later'],
    ['a grant more', 'grant truncate on projects to studio_app', 'revoke truncate on projects from studio_app', 'studio_app has truncate on projects'],
    ['a context that statements can change', 'grant execute on function pg_catalog.set_config(text, text, boolean) to studio_app', 'revoke execute on function pg_catalog.set_config(text, text, boolean) from studio_app', 'studio_app may call set_config'],
    ['a table of its own', 'grant create on schema public to studio_app; alter table plans owner to studio_app', 'reassign owned by studio_app to current_user; grant select on plans to studio_app; revoke create on schema public from studio_app', 'belongs to studio_app'],
  ])('on %s, and says which', async (_, breakIt, repair, expected) => {
    expect(await bootAfter(breakIt, repair)).toContain(expected);
    expect(await boot(urls.appUrl)).toBe('booted');
  });

  test('when the processes may open more connections than there are', async () => {
    expect(await boot(urls.appUrl, 100_000)).toMatch(/X24: the processes may open 100000 connections together, and max_connections = \d+ leaves \d+/);
    expect(await boot(urls.appUrl, 10)).toBe('booted');
  });
});

describe('R20: versions', () => {
  test('each version below the floor is refused where it counts, and no other', (context) => {
    const versions = [140_022, 150_018, 160_014, 170_010, 170_012, 180_000, 180_004, 180_005, 180_006, 180_007, 190_000, 190_001];
    const wrong = versions.filter((number) => (belowFloor(number, String(number), 'production')?.fatal === true) !== number < 180_006);
    figure(context, { requirements: ['R20'], what: 'Versions of Postgres judged wrongly at the boot of a production server', reached: `${wrong.length} of ${versions.length}`, bound: '0', pass: wrong.length === 0 });
  });

  test.each([
    [170_012, '17.12', 'local', true],
    [180_004, '18.4', 'production', true],
    [180_005, '18.5', 'production', true],
    [180_004, '18.4', 'local', false],
  ] as const)('%d (%s) in %s mode is complained about, fatally: %s', (number, text, mode, fatal) => {
    expect(belowFloor(number, text, mode)).toMatchObject({ fatal, message: expect.stringContaining(text) });
  });

  test.each([[180_006, '18.6'], [190_001, '19.1']] as const)('%d (%s) is new enough', (number, text) => {
    expect(belowFloor(number, text, 'production')).toBeNull();
  });
});

test('X24: two servers and two workers fit into a hundred connections', () => {
  const needed = connectionsNeeded({ servers: 2, workers: 2 });
  expect(needed).toBe(2 * 21 + 2 * 10 + 1);
  expect(needed).toBeLessThanOrEqual(97);
});
