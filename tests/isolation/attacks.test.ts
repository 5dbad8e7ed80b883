import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase, withoutTenant, withTenant, type Database } from '@/db/platform/client';
import { translateDatabaseError } from '@/db/platform/errors';
import { isAppError } from '@/lib/kernel/errors';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { figure } from '../support/figure';
import { migratedDatabase, withClient, type TestDatabase } from '../support/postgres';
import { makeWorld, type World } from './world';

let urls: TestDatabase;
let database: Database;
let world: World;
beforeAll(async () => {
  urls = await migratedDatabase();
  world = await withClient(urls.ownerUrl, makeWorld);
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  database = openDatabase(urls.appUrl, { max: 4, log: silent, applicationName: 'attacks' });
});
afterAll(async () => {
  await closeDatabase(database);
  await urls.drop();
});

const scope = () => ({ organizationId: world.a.organizationId, userId: world.a.users[0] ?? null });

/** What a person sends where a careless verb pastes text into its statement. `b` is the other organization. */
const injections: [string, (b: string) => string][] = [
  ['all rows', () => `x' or true --`],
  ['a union', () => `x' union all select name from projects --`],
  ['a union over another table', () => `x' union all select key_hash::text from api_keys --`],
  ['the other organization by name', (b) => `x' or organization_id = '${b}' --`],
  ['set_config in a materialized step', (b) => `x' union all (with s as materialized (select set_config('app.current_tenant', '${b}', true)) select p.name from s, projects p) --`],
  ['set_config by its full name', (b) => `x' union all select pg_catalog.set_config('app.current_tenant', '${b}', false) --`],
  ['set_config in a lateral', (b) => `x' union all select p.name from (select set_config('app.current_tenant', '${b}', true) offset 0) s, lateral (select name from projects) p --`],
  ['a second statement', (b) => `x'; set local app.current_tenant = '${b}'; select name from projects --`],
  ['a second statement that ends the transaction', (b) => `x'; commit; begin; set local app.current_tenant = '${b}'; select name from projects --`],
  ['SET through XML', (b) => `x' union all select query_to_xml('set local app.current_tenant = ''${b}''', true, true, '')::text --`],
  ['set_config through XML', (b) => `x' union all select query_to_xml('select set_config(''app.current_tenant'', ''${b}'', true)', true, true, '')::text --`],
  ['a whole table through XML', () => `x' union all select table_to_xml('projects', true, true, '')::text --`],
  ['a whole schema through XML', () => `x' union all select schema_to_xml('public', true, true, '')::text --`],
  ['a statement through text search', () => `x' union all select word from ts_stat('select to_tsvector(name) from projects') --`],
  ['the settings table', (b) => `x' union all (with s as (update pg_settings set setting = '${b}' where name = 'app.current_tenant' returning 1) select p.name from projects p, s) --`],
  ['a system role', () => `x' union all select name from projects where pg_has_role('studio_reconciler', 'usage') --`],
  ['a definer function', (b) => `x' union all select studio.locate('organization', public_id)::text from organizations where id = '${b}' --`],
  ['the statistics', () => `x' union all select array_to_string(most_common_vals, ',') from pg_stats where tablename = 'projects' --`],
  ['the server\'s files', () => `x' union all select pg_read_file('/etc/passwd') --`],
  ['a cast that prints', () => `x' or (select name from projects limit 1)::int = 1 --`],
  ['a writing step', (b) => `x' union all (with w as (update projects set name = 'owned' where organization_id = '${b}' returning name) select name from w) --`],
  ['a deleting step', () => `x' union all (with w as (delete from memberships returning role) select role from w) --`],
  ['a lock on everybody', () => `x' union all select pg_advisory_lock(1)::text --`],
];

describe('R7: injected SQL stays in the organization', () => {
  test('no fragment reads a row of another one', async (context) => {
    const crossed: string[] = [];
    let answered = 0;
    for (const [name, fragment] of injections) {
      const text = `select name from projects where name = '${fragment(world.b.organizationId)}'`;
      const shown = await withTenant(database, scope(), {}, (tx) => tx.query(text)).then(
        (rows) => {
          answered += 1;
          return JSON.stringify(rows);
        },
        (error: unknown) => String(error),
      );
      if (seenOf(shown)) crossed.push(name);
    }
    const changed = await changedOf();
    // The harmless ones do run, so the fragments fit the statement.
    figure(context, { requirements: ['R7'], what: `Fragments of SQL injected into a statement of the runtime role (${answered} were answered)`, reached: `${crossed.length} read a foreign row, of ${injections.length}${crossed.map((name) => `; ${name}`).join('')}; ${changed.length} rows changed`, bound: '0 and 0, with more than 5 answered', pass: crossed.length === 0 && changed.length === 0 && answered > 5 });
  });

  test('the same fragments read the other organization where set_config may be called, so the test can see', async (context) => {
    const text = `select name from projects where name = '${injections[4]?.[1](world.b.organizationId)}'`;
    const rows = await withClient(urls.ownerUrl, async (owner) => {
      await owner.query('begin; grant execute on function pg_catalog.set_config(text, text, boolean) to studio_app; set local session authorization studio_app');
      await owner.query(`set local app.current_tenant = '${world.a.organizationId}'`);
      const answer = await owner.query<Record<string, unknown>>(text);
      await owner.query('rollback');
      return answer.rows;
    });
    const seen = seenOf(JSON.stringify(rows));
    figure(context, { requirements: ['R7'], what: 'Control: such a fragment where set_config may be called', reached: seen ? 'foreign rows seen' : 'nothing seen', bound: 'foreign rows seen', pass: seen });
  });

  function seenOf(shown: string): boolean {
    const names = (world.b.rows.get('projects') ?? []).map((row) => String(row['name']));
    const own = [world.b.organizationId, ...world.b.users, ...world.b.projects];
    // An error repeats the fragment, and with it the id that the attacker already knew.
    return [...names, ...own.filter((id) => id !== world.b.organizationId)].some((secret) => shown.includes(secret));
  }

  function changedOf(): Promise<unknown[]> {
    return withClient(urls.ownerUrl, async (owner) => (await owner.query(`select name from projects where name = 'owned'`)).rows);
  }
});

describe('R11, R12: constraints answer the same for what is foreign and what is absent', () => {
  test('a reference to a project of another organization', async () => {
    const codeFor = (project: string | undefined) =>
      withTenant(database, scope(), {}, (tx) =>
        tx.query(`insert into platform_databases (organization_id, public_id, project_id, kind) values ($1, $2, $3, 'appwrite')`, [world.a.organizationId, newPublicId('platformDatabase'), project]),
      ).then(() => 'inserted', (error: unknown) => (isAppError(error) ? `${error.code}: ${error.message}` : 'failed'));
    expect(await codeFor(world.b.projects[2])).toBe(await codeFor(newUuid()));
    expect(await codeFor(world.b.projects[2])).toMatch(/^conflict/);
  });

  test('a row of one organization keeps nobody else from changing theirs', async () => {
    const blocked = await withClient(urls.ownerUrl, async (owner) => {
      const { rows } = await owner.query(
        `select k.conname from pg_constraint k where k.contype = 'f' and k.confrelid in (select oid from pg_class where relname in ('projects', 'sagas', 'platform_databases', 'appwrite_projects')) and array_length(k.conkey, 1) < 2`,
      );
      return rows;
    });
    expect(blocked).toEqual([]);
  });
});

describe('R14: functions with other rights', () => {
  test('temporary objects do not take the place of what they read', async () => {
    const organization = world.b.rows.get('organizations')?.[0];
    const [seen] = await withTenant(database, scope(), {}, async (tx) => {
      await tx.query(`create temp table organizations (id uuid, public_id text)`);
      await tx.query(`create temp table projects (organization_id uuid, public_id text)`);
      await tx.query(`insert into pg_temp.organizations values ($1, $2)`, [newUuid(), organization?.['public_id']]);
      return tx.query<{ id: string; own: number }>(`select studio.locate('organization', $1) as id, (select count(*)::int from projects) as own`, [organization?.['public_id']]);
    });
    // The public id is all that a caller can trade for the inner one, and the lookup read the real table.
    expect(seen).toEqual({ id: world.b.organizationId, own: 3 });
  });

  test('a job is addressed to the current organization, whatever its payload says', async () => {
    await withTenant(database, scope(), {}, (tx) => tx.query(`select studio.enqueue('send-mail', $1::jsonb, null, null)`, [JSON.stringify({ sealed: 'x', organization_id: world.b.organizationId })]));
    const jobs = await withClient(urls.ownerUrl, async (owner) => (await owner.query(`select payload->>'organization_id' as organization from graphile_worker._private_jobs`)).rows);
    expect(jobs).toEqual([{ organization: world.a.organizationId }]);
  });

  test('the job queue itself is out of reach', async () => {
    for (const statement of ['select * from graphile_worker._private_jobs', 'select * from graphile_worker.jobs', `select graphile_worker.add_job('send-mail')`]) {
      await expect(withTenant(database, scope(), {}, (tx) => tx.query(statement)), statement).rejects.toMatchObject({ code: '42501' });
    }
  });
});

test('R15: what is refused to the runtime role stays refused', async (context) => {
  const statements = [
    'truncate projects cascade',
    'alter table projects disable row level security',
    'alter table projects no force row level security',
    'drop policy projects_wall on projects',
    'create table mine (id int)',
    'create schema mine',
    'create function mine() returns int language sql as $$ select 1 $$',
    'create trigger t before insert on projects for each row execute function suppress_redundant_updates_trigger()',
    'set role studio_jobs',
    'alter role studio_app bypassrls',
    'grant studio_app to studio_signin',
    'select password_hash from user_credentials',
    'copy projects from program $$ id $$',
    'select lo_import($$/etc/passwd$$)',
    `alter system set log_statement = 'all'`,
    'drop table projects',
  ];
  const ran: string[] = [];
  for (const statement of statements) {
    const code = await withTenant(database, scope(), {}, (tx) => tx.query(statement)).then(() => 'done', (error: unknown) => (error instanceof pg.DatabaseError ? error.code : String(error)));
    // No privilege, or none of it inside a transaction.
    if (code !== '42501' && code !== '25001') ran.push(`${statement}: ${code}`);
  }
  figure(context, { requirements: ['R15'], what: 'Statements that only an owner or superuser may run', reached: `${statements.length - ran.length} of ${statements.length} refused${ran.map((each) => `; ${each}`).join('')}`, bound: 'all refused', pass: ran.length === 0 });
});

test('no policy is silenced by switching row security off: the statement fails instead', async () => {
  await expect(
    withoutTenant(database, async (tx) => {
      await tx.query('set local row_security = off');
      return tx.query('select * from projects');
    }),
  ).rejects.toMatchObject({ code: '42501' });
});

describe('R17: what a person is told names nothing inside', () => {
  test('for every constraint of the catalog and every class of error', async (context) => {
    const names = await withClient(urls.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ name: string }>(`select conname as name from pg_constraint k join pg_namespace n on n.oid = k.connamespace and n.nspname = 'public' union select indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'`);
      return rows.map(({ name }) => name);
    });
    const tables = world.tables.map(({ name }) => name).filter((name) => name.includes('_'));
    const telling = new Set<string>();
    let judged = 0;
    for (const code of ['23505', '23503', '40001', '40P01', '22P05', '22021', '57014', '55P03', '25P03', '57P01', '53300']) {
      for (const constraint of names) {
        const error = new pg.DatabaseError(`duplicate key value violates unique constraint "${constraint}"`, 1, 'error');
        Object.assign(error, { code, constraint, table: 'projects', detail: `Key (organization_id)=(${world.b.organizationId}) exists.` });
        const told = translateDatabaseError(error);
        if (!isAppError(told)) throw new Error(`${code} is not translated`);
        const shown = JSON.stringify([told.code, told.message, told.errors ?? []]);
        for (const inner of [constraint, code, world.b.organizationId, ...tables]) if (shown.includes(inner)) telling.add(`${code} of ${constraint} tells ${inner}`);
        judged += 1;
      }
    }
    figure(context, { requirements: ['R17'], what: 'Errors of every constraint and class, as they are told to a person', reached: `${telling.size} name anything inside, of ${judged}${[...telling].map((each) => `; ${each}`).join('')}`, bound: '0', pass: telling.size === 0 && judged > 0 });
  });
});
