import { connect, createServer } from 'node:net';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, databaseUse, openDatabase, readInTenant, withoutTenant, withSystem, withTenant, withUser, type Database } from '@/db/platform/client';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import type { Log } from '@/lib/kernel/log';
import { figure, scaled } from '../support/figure';
import { startPgBouncer, type TestPgBouncer } from '../support/pgbouncer';
import { migratedDatabase, withClient, type TestDatabase } from '../support/postgres';
import { makeWorld, type World } from './world';

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const organizations = Array.from({ length: 50 }, () => newUuid());
const user = newUuid();

let urls: TestDatabase;
let bouncer: TestPgBouncer;
let world: World;
beforeAll(async () => {
  urls = await migratedDatabase();
  bouncer = await startPgBouncer(urls.appUrl, { poolSize: 2 });
  await withClient(urls.ownerUrl, async (owner) => {
    await owner.query(`insert into users (id, public_id, email, first_name, last_name) values ($1, 'usr_x', 'x@example.com', 'X', 'Y')`, [user]);
    for (const [index, id] of organizations.entries()) {
      await owner.query(`insert into organizations (id, public_id, name, slug, created_by) values ($1, $2, 'Firm', $3, $4)`, [id, newPublicId('organization'), `firm-${index}`, user]);
      for (let project = 0; project < 3; project += 1) {
        await owner.query(`insert into projects (organization_id, public_id, name, framework) values ($1, $2, 'Shop', 'nextjs')`, [id, newPublicId('project')]);
      }
    }
    world = await makeWorld(owner);
  });
});
afterAll(async () => {
  await bouncer.stop();
  await urls.drop();
});

async function withPool<Result>(url: string, max: number, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = openDatabase(url, { max, log: silent, applicationName: 'isolation', direct: url !== bouncer.url });
  try {
    return await work(database);
  } finally {
    await closeDatabase(database);
  }
}

interface State {
  tenant: string | null;
  person: string | null;
  role: string;
  transaction: string | null;
}

/** What a borrower finds on the connection before it does anything. */
const stateQuery = `select nullif(current_setting('app.current_tenant', true), '') as tenant, nullif(current_setting('app.current_user', true), '') as person,
                           current_user as role, pg_current_xact_id_if_assigned()::text as transaction`;
const clean: State = { tenant: null, person: null, role: 'studio_app', transaction: null };

/** What a connection was used for before somebody reads without a context, and what its setting is from then on. */
const pasts: [string, (database: Database) => Promise<unknown>, setting: '' | null][] = [
  ['nothing', () => Promise.resolve(), null],
  ['a tenant', (database) => withTenant(database, { organizationId: world.a.organizationId, userId: world.a.users[0] ?? null }, {}, (tx) => tx.query('select from projects')), ''],
  ['a tenant, with a write', (database) => withTenant(database, { organizationId: world.a.organizationId, userId: null }, {}, (tx) => tx.query('update projects set updated_at = now()')), ''],
  ['a pipelined read of a tenant', (database) => readInTenant(database, { organizationId: world.a.organizationId, userId: null }, [{ text: 'select from projects', values: [] }]), ''],
  ['a person', (database) => withUser(database, world.a.users[0] ?? '', (tx) => tx.query('select from users')), null],
  ['a system role', (database) => withSystem(database, 'sign-in', (tx) => tx.query('select from users')), null],
  ['a tenant, then a person, then a system role', async (database) => {
    await withTenant(database, { organizationId: world.a.organizationId, userId: null }, {}, (tx) => tx.query('select from projects'));
    await withUser(database, world.a.users[0] ?? '', (tx) => tx.query('select from users'));
    await withSystem(database, 'sign-in', (tx) => tx.query('select from users'));
  }, ''],
];

interface Silence {
  reads: number;
  rows: number;
  errors: string[];
}

/** Reads every table on its only connection, without a context. */
async function readAll(database: Database, tables: readonly string[]): Promise<Silence> {
  const silence: Silence = { reads: 0, rows: 0, errors: [] };
  for (const name of tables) {
    silence.reads += 1;
    try {
      silence.rows += (await withoutTenant(database, (tx) => tx.query(`select * from ${name}`))).length;
    } catch (error) {
      silence.errors.push(`${name}: ${String(error)}`);
    }
  }
  return silence;
}

/** A setting that was never made is null; one that a transaction made and took back is empty, and no uuid either. */
async function settingOf(database: Database): Promise<string | null | undefined> {
  const [row] = await withoutTenant(database, (tx) => tx.query<{ tenant: string | null }>(`select current_setting('app.current_tenant', true) as tenant`));
  return row?.tenant;
}

describe('R4: without a context there are no rows, and no errors', () => {
  test('on a fresh connection, and on one that had a context a moment ago', async (context) => {
    const tables = world.tables.filter(({ class: kind }) => kind === 'tenant' || kind === 'user-owned').map(({ name }) => name);
    const { rows: [filled] } = await withClient(urls.ownerUrl, (owner) =>
      owner.query<{ tables: number }>(`select count(*) filter (where there)::int as tables from (${tables.map((name) => `select exists (select from ${name}) as there`).join(' union all ')}) each`),
    );
    const seen: Silence[] = [];
    const otherStates: string[] = [];
    for (const [way, url] of [['direct', urls.appUrl], ['through PgBouncer', bouncer.url]] as const) {
      for (const [past, use, setting] of pasts) {
        await withPool(url, 1, async (database) => {
          await use(database);
          // The pooler's connections have pasts of their own: there each read may meet another one.
          if (way === 'direct' && (await settingOf(database)) !== setting) otherStates.push(past);
          seen.push(await readAll(database, tables));
        });
      }
    }
    const errors = seen.flatMap((silence) => silence.errors);
    const sum = (of: 'reads' | 'rows') => seen.reduce((total, silence) => total + silence[of], 0);
    expect.soft({ errors, otherStates }).toEqual({ errors: [], otherStates: [] });
    figure(context, {
      requirements: ['R4'],
      what: `Rows read without a context: every table of tenants and people × what its connection was used for before (${pasts.map(([past]) => past).join('; ')}), direct and through PgBouncer`,
      reached: `${sum('rows')} rows and ${errors.length} errors in ${sum('reads')} reads of ${tables.length} tables, ${filled?.tables ?? 0} of which have rows, in ${seen.length} states`,
      bound: '0 rows and 0 errors, all tables with rows',
      pass: sum('rows') + errors.length + otherStates.length === 0 && sum('reads') === tables.length * pasts.length * 2 && filled?.tables === tables.length,
    });
  });
});

/** 10⁴ reads of 50 organizations in flight together; some throw, some are cut by the server in the middle. */
async function interleave(database: Database): Promise<{ reads: number; foreign: number; aborted: number; dirty: number }> {
  const total = 10_000;
  let next = 0;
  const sums = { reads: 0, foreign: 0, aborted: 0, dirty: 0 };
  const judge = (organizationId: string, rows: { organization_id?: unknown }[]) => {
    sums.reads += 1;
    sums.foreign += rows.filter((row) => row.organization_id !== organizationId).length;
    if (rows.length !== 3) sums.dirty += 1;
  };
  async function reader(): Promise<void> {
    while (next < total) {
      const index = next;
      next += 1;
      const organizationId = organizations[(index * 7) % organizations.length] ?? '';
      const scope = { organizationId, userId: null };
      const select = 'select organization_id from projects';
      if (index % 97 === 0) {
        await expect(withTenant(database, scope, {}, async (tx) => tx.query('select 1 / 0'))).rejects.toThrow('division by zero');
        sums.aborted += 1;
      } else if (index % 89 === 0) {
        await expect(withTenant(database, scope, {}, () => Promise.reject(new Error('the caller went away')))).rejects.toThrow('went away');
        sums.aborted += 1;
      } else if (index % 1009 === 0) {
        await expect(withTenant(database, scope, {}, async (tx) => tx.query('select pg_terminate_backend(pg_backend_pid())'))).rejects.toThrow(/terminat|restarting|crashed|closed/i);
        sums.aborted += 1;
      } else if (index % 3 === 0) {
        const [rows = []] = await readInTenant(database, scope, [{ text: select, values: [] }]);
        judge(organizationId, rows);
      } else if (index % 50 === 1) {
        const [state] = await withoutTenant(database, (tx) => tx.query<State & Record<string, unknown>>(stateQuery));
        if (JSON.stringify(state) !== JSON.stringify(clean)) sums.dirty += 1;
        sums.reads += 1;
      } else {
        judge(organizationId, await withTenant(database, scope, { readOnly: index % 2 === 0 }, (tx) => tx.query<{ organization_id: string }>(select)));
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, reader));
  return sums;
}

describe('R5: the context ends with its transaction', () => {
  test.for([
    ['direct', () => urls.appUrl],
    ['through PgBouncer in transaction mode', () => bouncer.url],
  ] as const)('10⁴ interleaved reads on two connections, %s', async ([how, url], context) => {
    const sums = await withPool(url(), 2, interleave);
    figure(context, {
      requirements: ['R5', 'R6'],
      what: `interleaved reads of 50 organizations on two connections, ${how}`,
      reached: `${sums.foreign} foreign rows and ${sums.dirty} dirty connections in ${sums.reads} reads, ${sums.aborted} of them cut off on top`,
      bound: '0 and 0 in 10,000, cut off ones included',
      pass: sums.foreign === 0 && sums.dirty === 0 && sums.reads + sums.aborted === 10_000,
    });
  });
});

describe('R6: no connection goes back in the middle of something', () => {
  const scope = () => ({ organizationId: organizations[0] ?? '', userId: user });
  const breaks: [string, (database: Database) => Promise<unknown>][] = [
    ['before the first statement', (database) => withTenant(database, scope(), {}, () => Promise.reject(new Error('broken')))],
    ['after a read', (database) => withTenant(database, scope(), {}, async (tx) => { await tx.query('select from projects'); throw new Error('broken'); })],
    ['after a write', (database) => withTenant(database, scope(), {}, async (tx) => { await tx.query(`update projects set name = 'broken'`); throw new Error('broken'); })],
    ['by the statement', (database) => withTenant(database, scope(), {}, (tx) => tx.query('select no_such_column from projects'))],
    ['by a write in a read-only transaction', (database) => withTenant(database, scope(), { readOnly: true }, (tx) => tx.query(`update projects set name = 'broken'`))],
    ['by a failed statement that the caller swallowed, at commit', (database) => withTenant(database, scope(), {}, (tx) => tx.query('select 1 / 0').then(() => null, () => null))],
    ['by a bad organization', (database) => withTenant(database, { organizationId: `'; drop table projects --`, userId: null }, {}, (tx) => tx.query('select 1'))],
    ['by a bad user', (database) => withUser(database, `x'`, (tx) => tx.query('select 1'))],
    ['in a system role', (database) => withSystem(database, 'sign-in', (tx) => tx.query('select from projects'))],
    ['in a pipelined read', (database) => readInTenant(database, scope(), [{ text: 'select 1 / 0', values: [] }])],
    ['in the middle of a pipelined read', (database) => readInTenant(database, scope(), [{ text: 'select 1', values: [] }, { text: 'select nothing', values: [] }, { text: 'select 2', values: [] }])],
    ['by the server', (database) => withTenant(database, scope(), {}, (tx) => tx.query('select pg_terminate_backend(pg_backend_pid())'))],
  ];

  test.each(breaks)('broken %s', async (_, work) => {
    await withPool(urls.appUrl, 1, async (database) => {
      await expect(work(database)).rejects.toThrow(/./);
      expect(await withoutTenant(database, (tx) => tx.query(stateQuery))).toEqual([clean]);
      expect(await withTenant(database, scope(), {}, (tx) => tx.query(`select from projects where name = 'broken'`))).toEqual([]);
      expect(databaseUse(database)).toMatchObject({ total: 1, idle: 1, waiting: 0 });
    });
  });

  const backendOf = async (database: Database) => (await withoutTenant(database, (tx) => tx.query<{ pid: number }>('select pg_backend_pid() as pid')))[0]?.pid;

  test.each([
    ['kept after a refusal of our own', breaks.slice(0, 3), true],
    ['another one where Postgres failed', breaks.slice(3, 6), false],
  ] as const)('the connection is %s', async (_, some, kept) => {
    await withPool(urls.appUrl, 1, async (database) => {
      for (const [what, work] of some) {
        const before = await backendOf(database);
        await expect(work(database)).rejects.toThrow(/./);
        expect((await backendOf(database)) === before, what).toBe(kept);
      }
    });
  });

  test('what comes after the end of its transaction is asked of nobody, whoever has the connection by then', async () => {
    await withPool(urls.appUrl, 1, async (database) => {
      for (const end of [() => Promise.resolve(), () => Promise.reject(new Error('refused'))]) {
        let late: (() => Promise<unknown>) | undefined;
        const work = withTenant(database, scope(), {}, async (tx) => {
          late = () => tx.query(`update projects set name = 'late'`);
          await tx.query('select from projects');
          return end();
        });
        await work.catch(() => undefined);
        const other = { organizationId: organizations[1] ?? '', userId: null };
        await withTenant(database, other, {}, async (tx) => {
          await tx.query('select from projects');
          await expect(late?.()).rejects.toThrow('after the end of its transaction');
        });
        expect(await withTenant(database, other, {}, (tx) => tx.query(`select from projects where name = 'late'`))).toEqual([]);
      }
    });
  });

  test('a role that a transaction took on does not outlive it', async () => {
    await withPool(urls.appUrl, 1, async (database) => {
      await withSystem(database, 'sign-in', (tx) => tx.query('select from users'));
      expect(await withoutTenant(database, (tx) => tx.query(stateQuery))).toEqual([clean]);
    });
  });

  test('F5: as many transactions as connections, and more, all come through', async (context) => {
    const wanted = scaled(200, 5_000);
    await withPool(urls.appUrl, 2, async (database) => {
      const scopes = Array.from({ length: wanted }, (_, n) => ({ organizationId: organizations[n % organizations.length] ?? '', userId: null }));
      const read = await Promise.allSettled(scopes.map((scope) => withTenant(database, scope, {}, async (tx) => (await tx.query('select from projects')).length)));
      const whole = read.filter((each) => each.status === 'fulfilled' && each.value === 3).length;
      figure(context, { requirements: ['F5'], what: 'Transactions at once over two connections that came through', reached: `${whole} of ${wanted}`, bound: 'all, no timeout', pass: whole === wanted });
    });
  });
});

test('a database that cannot be reached is a refusal with a time to come back', async () => {
  const gone = new URL(urls.appUrl);
  gone.port = '1';
  await withPool(gone.href, 1, async (database) => {
    await expect(withoutTenant(database, (tx) => tx.query('select 1'))).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
  });
});

const endConnections = () =>
  withClient(urls.ownerUrl, (owner: pg.Client) => owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'isolation' and datname = current_database()`));

test('F4: idle connections that the server ends cost nobody anything', async () => {
  const scope = { organizationId: organizations[0] ?? '', userId: null };
  await withPool(urls.appUrl, 4, async (database) => {
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([1, 2, 3, 4].map(() => withoutTenant(database, (tx) => tx.query('select 1'))));
      await endConnections();
      expect(await withoutTenant(database, (tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
      await endConnections();
      expect((await readInTenant(database, scope, [{ text: 'select from projects', values: [] }]))[0]).toHaveLength(3);
    }
  });
});

/** Passes everything on, and cuts the line once `commit` went through and before its answer came back. */
async function cutAtCommit(): Promise<{ url: string; close(): void }> {
  const { hostname, port } = new URL(urls.appUrl);
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    const end = () => [client, server].forEach((socket) => socket.destroy());
    client.on('data', (bytes) => {
      server.write(bytes);
      if (!bytes.includes('commit')) return;
      server.removeAllListeners('data');
      server.once('data', end);
    });
    server.on('data', (bytes) => client.write(bytes));
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const target = new URL(urls.appUrl);
  target.port = String(address.port);
  return { url: target.href, close: () => proxy.close() };
}

describe('statements that are sent together', () => {
  test.each(['directly', 'through PgBouncer'])('are refused for what the first of them did, %s', async (way) => {
    await withPool(way === 'directly' ? urls.appUrl : bouncer.url, 2, async (database) => {
      const organizationId = organizations[0] ?? '';
      const scope = { organizationId, userId: null };
      const refused = withTenant(database, scope, {}, async (tx) => {
        const [known] = await tx.query<{ public_id: string }>('select public_id from projects where organization_id = $1 limit 1', [organizationId]);
        const twice = tx.query(`insert into projects (organization_id, public_id, name, framework) values ($1, $2, 'Twin', 'nextjs')`, [organizationId, known?.public_id]);
        const passedOn = twice.catch(async (error: unknown) => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          throw error;
        });
        // The refusal of the one behind it is heard first.
        await Promise.all([passedOn, tx.query('select 1 from projects where organization_id = $1', [organizationId])]);
      });
      await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    });
  });
});

describe('F13: what is said about a change that was cut off is true', () => {
  const scope = () => ({ organizationId: organizations[0] ?? '', userId: null });
  const frameworks = async () => (await withClient(urls.ownerUrl, (owner: pg.Client) => owner.query<{ framework: string }>('select distinct framework from projects where organization_id = $1', [organizations[0]]))).rows.map(({ framework }) => framework);

  test('before the commit: nothing was changed', async () => {
    await withPool(urls.appUrl, 1, async (database) => {
      const work = withTenant(database, scope(), {}, async (tx) => {
        await tx.query(`update projects set framework = 'astro'`);
        await endConnections();
        await tx.query('select from projects');
      });
      await expect(work).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('Nothing was changed') });
    });
    expect(await frameworks()).toEqual(['nextjs']);
  });

  test('between the commit and its answer: nobody claims that nothing was changed', async () => {
    const proxy = await cutAtCommit();
    await withPool(proxy.url, 1, async (database) => {
      const work = withTenant(database, scope(), {}, (tx) => tx.query(`update projects set framework = 'svelte'`));
      await expect(work).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('Look whether it is there') });
    });
    proxy.close();
    expect(await frameworks()).toEqual(['svelte']);
  });
});
