import { createHash, randomBytes } from 'node:crypto';
import { Client, Permission, Query, Role, Storage, TablesDB, Users } from 'node-appwrite';
import { InputFile } from 'node-appwrite/file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteProject } from '@/lib/projects/delete-project';
import { getProject } from '@/lib/projects/get-project';
import { consoleSession } from '../local-cloud/stand-in';
import { appwriteIdOf, platformAccount, readyProject, type TestProjects } from '../projects/support';
import { waitFor } from '../support/wait-for';
import { ask, startGateway, studioWithProject, type RunningGateway } from './support';

let studio: TestProjects;
let running: RunningGateway;
let project: string;
let key: string;
let session: string;

beforeAll(async () => {
  ({ studio, project } = await studioWithProject());
  running = await startGateway(studio);
  session = await consoleSession(studio.appwrite.url.replace(/\/v1$/, ''), platformAccount.email, platformAccount.password);
  const made = await ask(studio.appwrite.url, `/v1/projects/${project}/keys`, {
    method: 'POST',
    headers: { 'x-appwrite-project': 'console', 'x-appwrite-session': session, 'content-type': 'application/json' },
    body: JSON.stringify({ keyId: 'gateway', name: 'gateway', scopes: ['databases.read', 'databases.write', 'tables.read', 'tables.write', 'columns.write', 'rows.read', 'rows.write', 'users.read', 'users.write', 'sessions.write', 'buckets.read', 'buckets.write', 'files.read', 'files.write'] }),
  });
  ({ secret: key } = JSON.parse(made.text));
});

afterAll(async () => {
  await running.close();
  await studio.close();
});

const app = (): Client => new Client().setEndpoint(`${running.url}/v1`).setProject(project).setKey(key);

describe('the SDK, unchanged, through the gateway', () => {
  it('makes tables, and writes, finds and deletes rows', async () => {
    const tables = new TablesDB(app());
    await tables.create({ databaseId: 'main', name: 'Main' });
    await tables.createTable({ databaseId: 'main', tableId: 'notes', name: 'Notes', permissions: [Permission.read(Role.any())], columns: [{ key: 'title', type: 'string', size: 100, required: true }] });
    const where = { databaseId: 'main', tableId: 'notes' };
    await tables.createRow({ ...where, rowId: 'first', data: { title: 'Grüße 🎉' } });
    const found = await tables.listRows({ ...where, queries: [Query.equal('title', 'Grüße 🎉')] });
    expect(found.rows.map(({ title }) => title)).toEqual(['Grüße 🎉']);
    await tables.deleteRow({ ...where, rowId: 'first' });
    await expect(tables.getRow({ ...where, rowId: 'first' })).rejects.toMatchObject({ code: 404, type: 'row_not_found' });
  });

  it('uploads 20 MB in chunks and downloads the same bytes', async () => {
    const storage = new Storage(app());
    await storage.createBucket({ bucketId: 'docs', name: 'Docs' });
    const bytes = randomBytes(20 * 1024 * 1024 + 77);
    const file = await storage.createFile({ bucketId: 'docs', fileId: 'large', file: InputFile.fromBuffer(bytes, 'large.bin') });
    expect(file).toMatchObject({ sizeOriginal: bytes.length, chunksTotal: 5, chunksUploaded: 5 });
    const back = Buffer.from(await storage.getFileDownload({ bucketId: 'docs', fileId: 'large' }));
    expect(sha(back)).toBe(sha(bytes));
  });

  it('signs an end user in by a cookie for this host alone, which opens the account again', async () => {
    await new Users(app()).create({ userId: 'ann', email: 'ann@studio.test', password: 'ann-password' });
    const signIn = await ask(running.url, '/v1/account/sessions/email', {
      method: 'POST', headers: { 'x-appwrite-project': project, 'content-type': 'application/json' }, body: JSON.stringify({ email: 'ann@studio.test', password: 'ann-password' }),
    });
    const cookies = signIn.headers['set-cookie'] ?? [];
    expect(new Set(cookies.map((cookie) => cookie.split('=')[0]))).toEqual(new Set([`a_session_${project}`, `a_session_${project}_legacy`]));
    expect(cookies.join()).not.toMatch(/domain/i);
    const cookie = cookies.map((each) => each.split(';')[0]).join('; ');
    const account = await ask(running.url, `/v1/account?project=${project}`, { headers: { cookie: `studio_session=x; ${cookie}` } });
    expect(JSON.parse(account.text)).toMatchObject({ $id: 'ann' });
  });

  it('answers a browser before it names a project, and a range of a file', async () => {
    const preflight = await ask(running.url, '/v1/account', { method: 'OPTIONS', headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-appwrite-project' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('X-Appwrite-Project');
    const part = await ask(running.url, '/v1/storage/buckets/docs/files/large/download', { headers: { 'x-appwrite-project': project, 'x-appwrite-key': key, range: 'bytes=0-9' } });
    expect(part).toMatchObject({ status: 206, headers: { 'content-range': `bytes 0-9/${20 * 1024 * 1024 + 77}` } });
  });

  it('lets no page that a stranger uploaded run', async () => {
    const storage = new Storage(app());
    await storage.createBucket({ bucketId: 'pages', name: 'Pages', permissions: [Permission.read(Role.any())] });
    await storage.createFile({ bucketId: 'pages', fileId: 'page', file: InputFile.fromPlainText('<!doctype html><html><script>alert(1)</script></html>', 'page.html') });
    const file = (way: string) => ask(running.url, `/v1/storage/buckets/pages/files/page/${way}?project=${project}`);
    const [view, download] = [await file('view'), await file('download')];
    expect(view.headers).toMatchObject({ 'content-type': expect.stringContaining('text/plain'), 'x-content-type-options': 'nosniff' });
    expect(download.headers).toMatchObject({ 'content-type': expect.stringContaining('text/html'), 'content-disposition': 'attachment; filename="page.html"', 'content-security-policy': `sandbox; default-src 'none'` });
  });
});

describe('the administration of Appwrite', () => {
  it('opens to no credential of the console account', async () => {
    const direct = { 'x-appwrite-project': project, 'x-appwrite-mode': 'admin', 'x-appwrite-session': session };
    expect((await ask(studio.appwrite.url, '/v1/users', { headers: direct })).status).toBe(200);
    const { jwt } = JSON.parse((await ask(studio.appwrite.url, '/v1/account/jwts', { method: 'POST', headers: { 'x-appwrite-project': 'console', 'x-appwrite-session': session, 'content-type': 'application/json' }, body: '{}' })).text);
    expect((await ask(studio.appwrite.url, '/v1/account', { headers: { 'x-appwrite-project': 'console', 'x-appwrite-jwt': jwt } })).status).toBe(200);

    for (const credential of [{ 'x-appwrite-session': session }, { 'x-appwrite-jwt': jwt }, { cookie: `a_session_console=${session}` }, { 'x-fallback-cookies': JSON.stringify({ a_session_console: session }) }]) {
      for (const [path, more] of [['/v1/users', { 'x-appwrite-project': project }], ['/v1/users', direct], ['/v1/users?mode=admin', { 'x-appwrite-project': project }], ['/v1/account', { 'x-appwrite-project': 'console' }], ['/v1/account', { 'x-appwrite-project': project }], [`/v1/projects/${project}`, { 'x-appwrite-project': 'console' }]] as const) {
        const { status } = await ask(running.url, path, { headers: { ...more, ...credential } });
        expect([401, 403, 404], `${path} ${JSON.stringify(more)}`).toContain(status);
      }
    }
  });
});

describe('projects that are not served', () => {
  it('look the same: one that is deleted, one of nobody, one still being made', async () => {
    const { id } = await readyProject(studio, 'Short-lived');
    const gone = await appwriteIdOf(studio, id);
    const users = (name: string, at = running.url) => ask(at, '/v1/users', { headers: { 'x-appwrite-project': name, 'x-appwrite-key': key } });
    expect((await users(gone)).status).toBe(401);
    await deleteProject(studio.owner.ctx, id, { confirm_name: 'Short-lived' });
    const startedMs = performance.now();
    await waitFor(async () => (await users(gone)).status === 404, { what: 'the gateway to see the deletion', withinMs: 6_000 });
    expect(performance.now() - startedMs).toBeLessThan(5_500);
    expect((await getProject(studio.owner.ctx, id)).status).toBe('deleted');

    const [deleted, nobody, malformed] = [await users(gone), await users('f'.repeat(32)), await users('No Such_Project')];
    expect(JSON.parse(deleted.text)).toMatchObject({ code: 404, type: 'project_not_found' });
    for (const other of [nobody, malformed]) expect({ status: other.status, text: other.text }).toEqual({ status: deleted.status, text: deleted.text });
    const names = (heads: object) => Object.keys(heads).sort();
    expect(names(nobody.headers)).toEqual(names(deleted.headers));

    // Another gateway has kept no answer.
    const other = await startGateway(studio);
    await studio.raw(`update projects set status = 'provisioning' where public_id = $1`, [id]);
    expect((await users(gone, other.url)).text).toBe(deleted.text);
    await studio.raw(`update projects set status = 'ready' where public_id = $1`, [id]);
    await other.close();
  });
});

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
