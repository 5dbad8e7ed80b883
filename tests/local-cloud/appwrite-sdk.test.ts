import { Account, AppwriteException, Client, Databases, ID, Organization, Permission, Project, Query, Role, Storage, TablesDB, Teams, Users } from 'node-appwrite';
import { InputFile } from 'node-appwrite/file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppwriteStandIn } from '@/lib/local-cloud/appwrite/server';
import { testDatabase, withClient } from '../support/postgres';
import { consoleSession, startStandIn, type RunningStandIn } from './stand-in';

let running: RunningStandIn;
let endpoint: string;
let session: string;

beforeAll(async () => {
  running = await startStandIn();
  endpoint = `${running.url}/v1`;
  session = await consoleSession(running.url);
  await new Teams(console()).create({ teamId: 'org', name: 'Organization' });
});

afterAll(() => running.stop());

function console(): Client {
  return new Client().setEndpoint(endpoint).setProject('console').setSession(session);
}

function organization(): Organization {
  return new Organization(console().addHeader('X-Appwrite-Organization', 'org'));
}

function administration(projectId: string): Project {
  return new Project(new Client().setEndpoint(endpoint).setProject(projectId).setSession(session).addHeader('X-Appwrite-Mode', 'admin'));
}

/** What an app gets: endpoint, project and key. */
async function appClient(projectId: string): Promise<Client> {
  await organization().createProject({ projectId, name: projectId });
  const key = await administration(projectId).createKey({
    keyId: ID.unique(), name: 'server',
    scopes: ['databases.read', 'databases.write', 'tables.read', 'tables.write', 'columns.read', 'columns.write', 'indexes.read', 'indexes.write',
      'rows.read', 'rows.write', 'users.read', 'users.write', 'sessions.write', 'buckets.read', 'buckets.write', 'files.read', 'files.write'].map(scope),
  });
  return new Client().setEndpoint(endpoint).setProject(projectId).setKey(key.secret);
}

type Scope = Parameters<Project['createKey']>[0] extends { scopes: Array<infer S> } ? S : never;

/** The SDK's scopes are an enum whose values are these very strings. */
function scope(name: string): Scope {
  return name as Scope;
}

describe('the SDK, unchanged', () => {
  it('lets the platform make a project with a key and a web platform, and take them away', async () => {
    await organization().createProject({ projectId: 'platform-side', name: 'Made by the SDK' });
    const project = administration('platform-side');
    const key = await project.createKey({ keyId: 'server', name: 'server', scopes: [scope('users.read')] });
    expect(key.secret).toMatch(/^standard_[0-9a-f]{256}$/);
    const platform = await project.createWebPlatform({ platformId: ID.unique(), name: 'Web', hostname: 'app.example.com' });
    expect(platform.hostname).toBe('app.example.com');
    expect((await project.listKeys()).keys.map(({ $id }) => $id)).toEqual(['server']);
    expect((await organization().listProjects()).projects.map(({ $id }) => $id)).toContain('platform-side');

    const users = new Users(new Client().setEndpoint(endpoint).setProject('platform-side').setKey(key.secret));
    expect((await users.list()).total).toBe(0);
    await project.deleteKey({ keyId: 'server' });
    await expect(users.list()).rejects.toMatchObject({ code: 401, type: 'user_unauthorized' });
    await organization().deleteProject({ projectId: 'platform-side' });
    await expect(users.list()).rejects.toMatchObject({ code: 404, type: 'project_not_found' });
  });

  it('writes, finds, changes and deletes rows', async () => {
    const tables = new TablesDB(await appClient('rows'));
    await tables.create({ databaseId: 'main', name: 'Main' });
    await tables.createTable({
      databaseId: 'main', tableId: 'notes', name: 'Notes', permissions: [Permission.read(Role.any())],
      columns: [{ key: 'title', type: 'string', size: 100, required: true }, { key: 'stars', type: 'integer', required: false }],
      indexes: [{ key: 'by_title', type: 'key', attributes: ['title'] }],
    });
    const where = { databaseId: 'main', tableId: 'notes' };
    await tables.createRow({ ...where, rowId: 'first', data: { title: 'Grüße 🎉', stars: 3 } });
    await tables.createRow({ ...where, rowId: ID.unique(), data: { title: 'Second', stars: 5 } });
    const found = await tables.listRows({ ...where, queries: [Query.greaterThan('stars', 2), Query.orderDesc('stars')] });
    expect(found.rows.map((row) => row.title)).toEqual(['Second', 'Grüße 🎉']);
    expect(found.total).toBe(2);
    expect(await tables.updateRow({ ...where, rowId: 'first', data: { stars: 4 } })).toMatchObject({ title: 'Grüße 🎉', stars: 4 });
    expect(await tables.incrementRowColumn({ ...where, rowId: 'first', column: 'stars', value: 2 })).toMatchObject({ stars: 6 });
    await tables.deleteRow({ ...where, rowId: 'first' });
    await expect(tables.getRow({ ...where, rowId: 'first' })).rejects.toMatchObject({ code: 404, type: 'row_not_found' });
  });

  it('serves the older databases API from the same tables', async () => {
    const databases = new Databases(await appClient('legacy'));
    await databases.create('main', 'Main');
    await databases.createCollection('main', 'notes', 'Notes');
    await databases.createStringAttribute('main', 'notes', 'title', 50, true);
    await expect.poll(async () => (await databases.getAttribute('main', 'notes', 'title')).status).toBe('available');
    await databases.createDocument('main', 'notes', 'one', { title: 'One' });
    const found = await databases.listDocuments('main', 'notes', [Query.equal('title', 'one')]);
    expect(found.documents).toMatchObject([{ $id: 'one', title: 'One', $collectionId: 'notes' }]);
  });

  it('stores files, small and in chunks', async () => {
    const storage = new Storage(await appClient('files'));
    await storage.createBucket({ bucketId: 'docs', name: 'Docs' });
    await storage.createFile({ bucketId: 'docs', fileId: 'hello', file: InputFile.fromPlainText('hello appwrite file\n', 'hello.txt') });
    expect(Buffer.from(await storage.getFileDownload({ bucketId: 'docs', fileId: 'hello' })).toString()).toBe('hello appwrite file\n');

    const large = Buffer.alloc(12 * 1024 * 1024 + 123, 'abc');
    const file = await storage.createFile({ bucketId: 'docs', fileId: 'large', file: InputFile.fromBuffer(large, 'large.bin') });
    expect(file).toMatchObject({ sizeOriginal: large.length, chunksTotal: 3, chunksUploaded: 3 });
    expect(Buffer.from(await storage.getFileDownload({ bucketId: 'docs', fileId: 'large' })).equals(large)).toBe(true);
    expect((await storage.listFiles({ bucketId: 'docs' })).total).toBe(2);
  });

  it('signs end users in and lets them own what they write', async () => {
    const client = await appClient('accounts');
    const tables = new TablesDB(client);
    await tables.create({ databaseId: 'main', name: 'Main' });
    await tables.createTable({
      databaseId: 'main', tableId: 'diary', name: 'Diary', permissions: [Permission.create(Role.users())], rowSecurity: true,
      columns: [{ key: 'text', type: 'string', size: 100, required: true }],
    });
    const sessions = await Promise.all(['ann', 'bob'].map(async (name) => {
      await new Users(client).create({ userId: name, email: `${name}@studio.test`, password: `${name}-password` });
      return new Account(client).createEmailPasswordSession({ email: `${name}@studio.test`, password: `${name}-password` });
    }));
    const [ann, bob] = sessions.map(({ secret }) => new TablesDB(new Client().setEndpoint(endpoint).setProject('accounts').setSession(secret)));
    const where = { databaseId: 'main', tableId: 'diary' };
    await ann?.createRow({ ...where, rowId: 'mine', data: { text: 'secret' } });
    expect((await ann?.listRows(where))?.total).toBe(1);
    expect((await bob?.listRows(where))?.total).toBe(0);
    await expect(bob?.getRow({ ...where, rowId: 'mine' })).rejects.toMatchObject({ code: 404 });
  });

  it('is told honestly what the stand-in does not do', async () => {
    const client = await appClient('limits');
    const refused = new Account(client).createMagicURLToken({ userId: ID.unique(), email: 'a@studio.test' });
    await expect(refused).rejects.toBeInstanceOf(AppwriteException);
    await expect(refused).rejects.toMatchObject({ code: 501, type: 'general_not_implemented', message: expect.stringContaining('stand-in') });
  });
});

describe('at its start', () => {
  it('says what it is', () => {
    expect(running.lines[0]).toContain('development server');
  });

  it('refuses production', async () => {
    const options = { databaseUrl: running.databaseUrl, dataDir: '/nowhere', mode: 'production', log: () => undefined } as const;
    await expect(createAppwriteStandIn(options)).rejects.toThrow('development only');
  });

  it('refuses data of another layout and says what to do', async () => {
    const database = await testDatabase();
    await withClient(database.ownerUrl, (client) => client.query('CREATE SCHEMA appwrite'));
    const options = { databaseUrl: database.ownerUrl, dataDir: '/nowhere', mode: 'local', log: () => undefined } as const;
    await expect(createAppwriteStandIn(options)).rejects.toThrow('--reset');
    await database.drop();
  });
});
