import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT, startTenant } from './contract/tenant';
import type { Answer, World } from './contract/world';
import type { RunningStandIn } from './stand-in';

let running: RunningStandIn;
let world: World;
let key: Record<string, string>;

beforeAll(async () => {
  ({ running, world, key } = await startTenant());
  await world.must('POST', '/v1/tablesdb', key, { databaseId: 'd', name: 'd' });
  await world.must('POST', '/v1/tablesdb/d/tables', key, {
    tableId: 't', name: 't',
    columns: [{ key: 'p', type: 'string', size: 200_000, required: false }, { key: 'n', type: 'integer', required: false }, { key: 'list', type: 'string', size: 10, required: false, array: true }],
  });
});

afterAll(() => running.stop());

const ROWS = '/v1/tablesdb/d/tables/t/rows';
const post = (path: string, body: unknown, credentials = key): Promise<Answer> => world.send('POST', path, { ...credentials, 'content-type': 'application/json' }, JSON.stringify(body));
const query = (...queries: unknown[]): string => queries.map((each, i) => `queries[${i}]=${encodeURIComponent(JSON.stringify(each))}`).join('&');

describe('odd values', () => {
  it.each([['emoji', '🎉👩‍👩‍👧'], ['right to left', 'مرحبا ‮'], ['control characters', 'a\u0001\u001f\u007f'], ['long text', 'x'.repeat(100_000)], ['quotes', `'";--\\`]])('%s comes back as it went in', async (_, p) => {
    const made = await post(ROWS, { rowId: 'unique()', data: { p } });
    expect(made).toMatchObject({ status: 201, json: { p } });
  });

  it.each([['the character zero', { p: 'a\u0000b' }], ['a number beyond 64 bits', { n: 2 ** 63 }]])('%s is refused in words', async (_, data) => {
    expect(await post(ROWS, { rowId: 'unique()', data })).toMatchObject({ status: 400, json: { type: 'general_argument_invalid', message: expect.stringContaining('cannot keep') } });
  });

  it('a wild card in a query stands for itself', async () => {
    await post(ROWS, { rowId: 'percent', data: { p: '100%_\\' } });
    const found = await world.send('GET', `${ROWS}?${query({ method: 'endsWith', attribute: 'p', values: ['%_\\'] })}`, key);
    expect(found.json).toMatchObject({ total: 1, rows: [{ $id: 'percent' }] });
  });

  it('a cursor works in the order of a list', async () => {
    const ids = await Promise.all([['a'], ['b'], ['c']].map(async (list, i) => (await post(ROWS, { rowId: `l${i}`, data: { list, p: 'lists' } })).status));
    expect(ids).toEqual([201, 201, 201]);
    const found = await world.send('GET', `${ROWS}?${query({ method: 'equal', attribute: 'p', values: ['lists'] }, { method: 'orderAsc', attribute: 'list' }, { method: 'cursorAfter', values: ['l0'] })}`, key);
    expect(found.json).toMatchObject({ total: 3, rows: [{ $id: 'l1' }, { $id: 'l2' }] });
  });

  it('a body that is no object has no parameters', async () => {
    expect(await post('/v1/users', [1, 2])).toMatchObject({ status: 400, json: { message: 'Param "userId" is not optional.' } });
  });
});

describe('many at once', () => {
  const statuses = (answers: readonly Answer[]): Array<number | undefined> => answers.map(({ status }) => status).toSorted((a, b) => (a ?? 0) - (b ?? 0));

  it('one project for one id', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post('/v1/projects', { projectId: 'same', name: 'x', teamId: 'org' }, world.root())));
    expect(statuses(answers)).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it('one user for one address', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('/v1/users', { userId: 'unique()', email: 'same@example.com', password: 'password-1' })));
    expect(statuses(answers)).toEqual([201, 409, 409, 409, 409]);
  });

  it('every increment counts', async () => {
    await post(ROWS, { rowId: 'counter', data: { n: 0 } });
    await Promise.all(Array.from({ length: 20 }, () => world.must('PATCH', `${ROWS}/counter/n/increment`, key, { value: 2 })));
    expect(await world.must('GET', `${ROWS}/counter`, key)).toMatchObject({ n: 40 });
  });

  it('one column for one key', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => post('/v1/tablesdb/d/tables/t/columns/boolean', { key: 'same', required: false })));
    expect(statuses(answers)).toEqual([202, 409, 409, 409]);
    await expect.poll(async () => (await world.must('GET', '/v1/tablesdb/d/tables/t/columns/same', key)).status).toBe('available');
    expect(await world.must('POST', ROWS, key, { rowId: 'unique()', data: { same: true } })).toMatchObject({ same: true });
  });

  it('a unique index that cannot be built says that it failed', async () => {
    await post(ROWS, { rowId: 'twin1', data: { p: 'twin' } });
    await post(ROWS, { rowId: 'twin2', data: { p: 'Twin ' } });
    await world.must('POST', '/v1/tablesdb/d/tables/t/indexes', key, { key: 'uq', type: 'unique', columns: ['p'] });
    await expect.poll(async () => (await world.must('GET', '/v1/tablesdb/d/tables/t/indexes/uq', key)).status).toBe('failed');
  });
});

describe('a key that was silenced', () => {
  it('holds no scope until it gets them back', async () => {
    const made = await world.must('POST', `/v1/projects/${PROJECT}/keys`, world.root(), { keyId: 'silent', name: 'k', scopes: ['users.read'] });
    const credentials = { 'x-appwrite-project': PROJECT, 'x-appwrite-key': String(made.secret) };
    const list = async () => (await world.send('GET', '/v1/users', credentials)).status;
    expect(await list()).toBe(200);
    await world.must('PUT', `/v1/projects/${PROJECT}/keys/silent`, world.root(), { name: 'k', scopes: [] });
    expect(await list()).toBe(401);
    await world.must('PUT', `/v1/projects/${PROJECT}/keys/silent`, world.root(), { name: 'k', scopes: ['users.read'] });
    expect(await list()).toBe(200);
  });
});
