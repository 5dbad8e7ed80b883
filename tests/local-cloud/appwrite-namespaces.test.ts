import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCollection, find, findBy, insert } from '@/lib/local-cloud/appwrite/documents';
import { columnName, createSchema, Namespace } from '@/lib/local-cloud/appwrite/namespace';
import { users } from '@/lib/local-cloud/appwrite/schema';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { consoleSession, startStandIn } from './stand-in';

describe('two namespaces in one schema', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let hundred: Namespace;
  let twoHundred: Namespace;

  beforeAll(async () => {
    database = await testDatabase();
    pool = new pg.Pool({ connectionString: database.ownerUrl });
    await createSchema(pool);
    hundred = Namespace.project(pool, 100);
    twoHundred = Namespace.project(pool, 200);
    for (const [ns, names] of [[hundred, ['Alice', 'Bob']], [twoHundred, ['Eve', 'Dave']]] as const) {
      await createCollection(ns, users);
      for (const name of names) await insert(ns, users, { id: name.toLowerCase(), values: { name, email: `${name.toLowerCase()}@example.com` } });
    }
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('prefixes every table', () => {
    expect(hundred.table('users')).toBe('appwrite."_100_users"');
    expect(twoHundred.table('users')).toBe('appwrite."_200_users"');
    expect(Namespace.console(pool).table('projects')).toBe('appwrite."_console_projects"');
  });

  it('sees its own rows only', async () => {
    expect((await findBy(hundred, users, {})).map(({ values }) => values.name)).toEqual(['Alice', 'Bob']);
    expect((await findBy(twoHundred, users, {})).map(({ values }) => values.name)).toEqual(['Eve', 'Dave']);
    expect(await find(hundred, users, 'eve')).toBeUndefined();
    expect(await find(twoHundred, users, 'alice')).toBeUndefined();
  });

  it('takes a value that looks like SQL for a value', async () => {
    const probe = `x' UNION SELECT * FROM appwrite."_200_users" --`;
    expect(await find(hundred, users, probe)).toBeUndefined();
    expect(await findBy(hundred, users, { name: probe })).toEqual([]);
  });

  it.each(['users"; DROP TABLE x; --', '../users', '_200_users', '', 'users WHERE true', 'x'.repeat(60)])('refuses the table name %j', (name) => {
    expect(() => hundred.table(name)).toThrow(TypeError);
  });

  it.each(['name" = 1 --', '_secret', '', 'a b', 'x'.repeat(37)])('refuses the column name %j', (name) => {
    expect(() => columnName(name)).toThrow(TypeError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses the sequence %d', (sequence) => {
    expect(() => Namespace.project(pool, sequence)).toThrow(TypeError);
  });

  it('cannot hold a row of another tenant, whoever writes it', async () => {
    const planted = pool.query(`INSERT INTO ${hundred.table('users')} (_uid, "_createdAt", "_updatedAt", _tenant) VALUES ('mallory', now(), now(), 200)`);
    await expect(planted).rejects.toMatchObject({ code: '23514' });
    expect(await find(hundred, users, 'mallory')).toBeUndefined();
  });

  it('lists its own tables, though another prefix begins the same', async () => {
    const ten = Namespace.project(pool, 10);
    await createCollection(ten, users);
    expect(await ten.tables()).toEqual(['users']);
    expect(await hundred.tables()).toEqual(['users']);
  });

  it('rolls a failed transaction back', async () => {
    await expect(hundred.transaction(async (ns) => {
      await insert(ns, users, { id: 'carol', values: { name: 'Carol' } });
      throw new Error('on purpose');
    })).rejects.toThrow('on purpose');
    expect(await find(hundred, users, 'carol')).toBeUndefined();
  });
});

describe('two projects behind the API', () => {
  it('keep rows, users and keys apart', async () => {
    const running = await startStandIn();
    try {
      const root = { 'x-appwrite-project': 'console', 'x-appwrite-session': await consoleSession(running.url), 'content-type': 'application/json' };
      const post = (path: string, headers: Record<string, string>, body: unknown) => fetch(running.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      await post('/v1/teams', root, { teamId: 'org', name: 'Organization' });
      const keys = await Promise.all(['one', 'two'].map(async (projectId) => {
        await post('/v1/projects', root, { projectId, name: projectId, teamId: 'org' });
        const key: { secret: string } = await (await post(`/v1/projects/${projectId}/keys`, root, { keyId: 'same', name: 'k', scopes: ['users.read', 'users.write', 'databases.read', 'databases.write'] })).json();
        return { 'x-appwrite-project': projectId, 'x-appwrite-key': key.secret, 'content-type': 'application/json' };
      }));
      const [one = {}, two = {}] = keys;
      await post('/v1/users', one, { userId: 'alice', email: 'alice@example.com' });
      await post('/v1/tablesdb', one, { databaseId: 'main', name: 'Main' });

      const list = async (path: string, headers: Record<string, string>): Promise<unknown> => (await fetch(running.url + path, { headers })).json();
      expect(await list('/v1/users', one)).toMatchObject({ total: 1 });
      expect(await list('/v1/users', two)).toMatchObject({ total: 0 });
      expect(await list('/v1/users/alice', two)).toMatchObject({ code: 404, type: 'user_not_found' });
      expect(await list('/v1/tablesdb/main', two)).toMatchObject({ code: 404, type: 'database_not_found' });
      expect(await list('/v1/users', { ...two, 'x-appwrite-key': String(Object.entries(one).find(([name]) => name === 'x-appwrite-key')?.[1]) })).toMatchObject({ code: 401, type: 'user_unauthorized' });
    } finally {
      await running.stop();
    }
  });
});
