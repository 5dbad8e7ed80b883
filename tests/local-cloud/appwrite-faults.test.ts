import { access } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Effect } from '@/lib/local-cloud/appwrite/faults';
import { PROJECT, startTenant } from './contract/tenant';
import type { World } from './contract/world';
import { consoleSession, startStandIn, type RunningStandIn } from './stand-in';

let running: RunningStandIn;
let world: World;

beforeAll(async () => {
  ({ running, world } = await startTenant());
});

afterEach(() => running.standIn.faults.clear());
afterAll(() => running.stop());

const arm = (effect: Effect, more: { method?: 'GET' | 'POST' | 'DELETE'; path?: string; times?: number; skip?: number } = {}): number =>
  running.standIn.faults.add({ path: '/v1/users', effect, ...more });
const listUsers = (deadlineMs?: number) => world.send('GET', '/v1/users', world.key(PROJECT), undefined, deadlineMs);
const createProject = (projectId: string, deadlineMs?: number) =>
  world.send('POST', '/v1/projects', { ...world.root(), 'content-type': 'application/json' }, JSON.stringify({ projectId, name: projectId, teamId: 'org' }), deadlineMs);
const getProject = (projectId: string) => world.send('GET', `/v1/projects/${projectId}`, world.root());

async function tablesOf(sequence: number): Promise<number> {
  const client = new pg.Client({ connectionString: running.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM pg_tables WHERE schemaname = $1 AND starts_with(tablename, $2)', ['appwrite', `_${sequence}_`]);
  await client.end();
  return Number(rows[0]?.n);
}

async function sequenceOf(projectId: string): Promise<number> {
  const client = new pg.Client({ connectionString: running.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string }>('SELECT _id AS id FROM appwrite."_console_projects" WHERE _uid = $1', [projectId]);
  await client.end();
  return Number(rows[0]?.id);
}

describe('answers gone wrong', () => {
  it('delays', async () => {
    arm({ kind: 'delay', ms: 120 });
    const started = performance.now();
    expect((await listUsers()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(115);
  });

  it('hangs until the client gives up', async () => {
    arm({ kind: 'hang' });
    expect((await listUsers(100)).status).toBeUndefined();
  });

  it('limits the rate and says when to come back', async () => {
    arm({ kind: 'rate-limit', retryAfterSeconds: 7 });
    const answer = await listUsers();
    expect(answer).toMatchObject({ status: 429, json: { type: 'general_rate_limit_exceeded' } });
    expect(answer.headers.get('retry-after')).toBe('7');
  });

  it('fails as JSON, and as JSON that says it is HTML and has no type', async () => {
    const typed = arm({ kind: 'server-error', as: 'json' });
    expect(await listUsers()).toMatchObject({ status: 500, json: { type: 'general_unknown' } });
    running.standIn.faults.remove(typed);
    arm({ kind: 'server-error', as: 'untyped-html' });
    const answer = await listUsers();
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(answer.json).toEqual({ message: 'Error: Server Error', code: 500, version: '1.9.6' });
  });

  it('answers 409 and the HTML page of an unknown route', async () => {
    const conflict = arm({ kind: 'conflict' });
    expect((await listUsers()).status).toBe(409);
    running.standIn.faults.remove(conflict);
    arm({ kind: 'not-found-page' });
    const answer = await listUsers();
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('<!DOCTYPE html>');
  });

  it('strikes as often as told, after as many as told, and only what it names', async () => {
    arm({ kind: 'conflict' }, { skip: 1, times: 2, method: 'GET', path: '/v1/*' });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await listUsers()).status);
    expect(statuses).toEqual([200, 409, 409, 200]);
    expect((await world.send('GET', '/v1/users/nobody', world.key(PROJECT))).status).toBe(404);
  });
});

describe('projects half made', () => {
  it('is cut before anything happened', async () => {
    arm({ kind: 'cut', when: 'before' }, { path: '/v1/projects', method: 'POST' });
    expect((await createProject('cut-before')).status).toBeUndefined();
    expect((await getProject('cut-before')).status).toBe(404);
  });

  it('is cut after everything happened: the project is whole and a retry is a conflict', async () => {
    const fault = arm({ kind: 'cut', when: 'after' }, { path: '/v1/projects', method: 'POST' });
    expect((await createProject('cut-after')).status).toBeUndefined();
    running.standIn.faults.remove(fault);
    expect((await getProject('cut-after')).status).toBe(200);
    expect((await createProject('cut-after')).status).toBe(409);
    await world.makeKey('cut-after');
    expect((await world.send('GET', '/v1/users', world.key('cut-after'))).status).toBe(200);
  });

  it('finishes when the client gives up', async () => {
    arm({ kind: 'delay', ms: 100 }, { path: '/v1/projects', method: 'POST' });
    expect((await createProject('impatient', 20)).status).toBeUndefined();
    await expect.poll(async () => (await getProject('impatient')).status).toBe(200);
  });

  it('dies in the middle: the row is there, some tables are, and only a probe tells', async () => {
    const fault = arm({ kind: 'die-mid-create', tables: 3 }, { path: '/v1/projects', method: 'POST' });
    expect((await createProject('half')).status).toBeUndefined();
    running.standIn.faults.remove(fault);
    expect(await tablesOf(await sequenceOf('half'))).toBe(3);
    expect((await getProject('half')).status).toBe(200);
    expect((await createProject('half')).status).toBe(409);
    await world.makeKey('half');
    for (const probe of ['/v1/users', '/v1/storage/buckets']) {
      expect(await world.send('GET', probe, world.key('half'))).toMatchObject({ status: 500, json: { type: 'general_unknown' } });
    }
    expect((await world.send('DELETE', '/v1/projects/half', world.root())).status).toBe(204);
  });
});

describe('the deletes worker', () => {
  const remove = (id: string) => world.send('DELETE', `/v1/projects/${id}`, world.root());

  it('leaves nothing behind in its own time', async () => {
    await createProject('gone');
    const sequence = await sequenceOf('gone');
    expect(await tablesOf(sequence)).toBeGreaterThan(0);
    expect((await remove('gone')).status).toBe(204);
    expect((await getProject('gone')).status).toBe(404);
    await expect.poll(() => tablesOf(sequence), { timeout: 5000 }).toBe(0);
  });

  it('may never get the message: the tables stay', async () => {
    await createProject('lost');
    const sequence = await sequenceOf('lost');
    running.standIn.faults.configure({ deletes: 'lost' });
    expect((await remove('lost')).status).toBe(204);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(await tablesOf(sequence)).toBeGreaterThan(0);
  });

  it('may come late and take the files of a new project with the same id', async () => {
    const upload = async (fileId: string): Promise<void> => {
      await world.makeKey('reused');
      const key = world.key('reused');
      await world.must('POST', '/v1/storage/buckets', key, { bucketId: 'b', name: 'b' });
      const form = new FormData();
      form.set('fileId', fileId);
      form.set('file', new File(['second life'], 'f.txt'));
      expect((await world.send('POST', '/v1/storage/buckets/b/files', key, form)).status).toBe(201);
    };
    await createProject('reused');
    await upload('old');
    running.standIn.faults.configure({ deletes: { delayMs: 4_000 } });
    await remove('reused');
    await createProject('reused');
    await upload('new');
    const read = () => world.send('GET', '/v1/storage/buckets/b/files/new/download', world.key('reused'));
    expect((await read()).text).toBe('second life');
    await expect.poll(async () => (await read()).status, { timeout: 15_000 }).toBe(404);
    const folder = path.join(running.dataDir, 'uploads', 'app-reused');
    await expect.poll(() => access(folder).then(() => 'there', () => 'gone'), { timeout: 5000 }).toBe('gone');
    expect((await world.send('GET', '/v1/users', world.key('reused'))).status).toBe(200);
  });

  it('goes on where a stopped server left off', async () => {
    const other = await startStandIn({ settings: { deleteDelayMs: 60_000 } });
    try {
      const headers = { 'x-appwrite-project': 'console', 'x-appwrite-session': await consoleSession(other.url), 'content-type': 'application/json' };
      await fetch(`${other.url}/v1/teams`, { method: 'POST', headers, body: JSON.stringify({ teamId: 'org', name: 'o' }) });
      await fetch(`${other.url}/v1/projects`, { method: 'POST', headers, body: JSON.stringify({ projectId: 'p', name: 'p', teamId: 'org' }) });
      await fetch(`${other.url}/v1/projects/p`, { method: 'DELETE', headers });
      const client = new pg.Client({ connectionString: other.databaseUrl });
      await client.connect();
      await client.query('UPDATE appwrite."_console_deletions" SET "dueAt" = now()');
      const left = async (): Promise<number> => Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM pg_tables WHERE tablename LIKE '\\_1\\_%'`)).rows[0]?.n);
      expect(await left()).toBeGreaterThan(0);
      const again = await other.restart();
      await expect.poll(left, { timeout: 5000 }).toBe(0);
      await again.stop();
      await client.end();
    } finally {
      await other.stop();
    }
  });
});

describe('recorded latency', () => {
  it('takes as long as the real server, and no more than 3.4 projects a second', async () => {
    running.standIn.faults.configure({ latency: 'recorded' });
    const started = performance.now();
    await createProject('slow-0');
    expect(performance.now() - started).toBeGreaterThanOrEqual(385);
    const many = performance.now();
    await Promise.all(Array.from({ length: 4 }, (_, i) => createProject(`slow-many-${i}`)));
    expect(performance.now() - many).toBeGreaterThanOrEqual(3 * 290 + 385);
  });
});

describe('the request log', () => {
  it('says what was asked, with what outcome, and how long it took', async () => {
    running.standIn.faults.clearRequests();
    await listUsers();
    arm({ kind: 'cut', when: 'before' });
    await listUsers();
    expect(running.standIn.faults.requests).toMatchObject([
      { method: 'GET', path: '/v1/users', status: 200, ms: expect.any(Number) },
      { method: 'GET', path: '/v1/users', status: 0 },
    ]);
  });
});

describe('the control route', () => {
  it('is not there unless it was allowed', async () => {
    expect((await world.send('GET', '/_faults', {})).status).toBe(404);
  });

  it('arms, lists and disarms faults', async () => {
    const other = await startStandIn({ allowFaults: true });
    try {
      const call = (method: string, body?: unknown) => fetch(`${other.url}/_faults`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      expect((await call('POST', { path: '/v1/health/version', effect: { kind: 'conflict' }, times: 1 })).status).toBe(201);
      expect((await call('POST', { path: '/v1/x', effect: { kind: 'explode' } })).status).toBe(422);
      expect((await call('PATCH', { latency: 'recorded' })).status).toBe(200);
      expect(await (await call('GET')).json()).toMatchObject({ settings: { latency: 'recorded' }, faults: [{ path: '/v1/health/version', struck: 0 }] });
      expect((await fetch(`${other.url}/v1/health/version`)).status).toBe(409);
      expect((await fetch(`${other.url}/v1/health/version`)).status).toBe(200);
      expect((await call('DELETE')).status).toBe(204);
      expect(await (await fetch(`${other.url}/_faults/requests`)).json()).toMatchObject({ requests: [{ status: 409 }, { status: 200 }] });
    } finally {
      await other.stop();
    }
  });
});
