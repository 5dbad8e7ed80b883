import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLimits, network } from '@/lib/adapters/limits/limits';
import { doors } from '@/app/api/_routes/doors';
import { isKept } from '@/lib/http/door';
import { openApiDocument } from '@/lib/http/openapi';
import { hashToken, newPublicId, newToken } from '@/lib/kernel/ids';
import { testApi, type Answered } from '../support/api';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { figure } from '../support/figure';

let studio: TestStudio;
let ask: ReturnType<typeof testApi>;
let owner: Person;

beforeAll(async () => {
  studio = await testStudio();
  ask = testApi(studio);
  owner = await studio.person();
});
afterAll(() => studio.close());

describe('refusals', () => {
  it('are problems with code, request id and the header to find them in the log', async () => {
    const answer = await ask('GET', '/api/v1/users/profile');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ code: 'unauthenticated', status: 401, instance: '/api/v1/users/profile' });
    expect(answer.json).toHaveProperty('request_id', answer.headers.get('x-request-id'));
  });

  it('names every wrong field by pointer, unknown ones too', async () => {
    const answer = await ask('POST', '/api/v1/organizations', { as: owner, body: { name: '', slug: 'Not A Slug', owner_id: 'x' } });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ code: 'invalid_input', errors: expect.arrayContaining([{ pointer: '/name', detail: 'The name must not be empty.' }, { pointer: '/owner_id', detail: expect.any(String) }]) });
  });

  it.each([
    ['no JSON', 400, '{"name":', {}],
    ['another type', 400, 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['too large', 413, JSON.stringify({ name: 'x'.repeat(1_100_000) }), {}],
    ['an array', 422, '[]', {}],
    ['null', 422, 'null', {}],
  ])('answers %s with %i', async (_, status, body, headers) => {
    const answer = await ask('POST', '/api/v1/organizations', { as: owner, body, headers });
    expect(answer.status).toBe(status);
    expect(answer.json).toHaveProperty('detail');
  });

  it('knows no route that is not there', async () => {
    expect((await ask('GET', '/api/v1/nothing')).status).toBe(404);
    const unknown = await ask('GET', '/api/v2/projects');
    expect(unknown.json).toMatchObject({ code: 'not_found', status: 404 });
    const wrongMethod = await ask('PUT', '/api/v1/organizations');
    expect(wrongMethod.json).toMatchObject({ code: 'method_not_allowed', status: 405 });
    expect(wrongMethod.headers.get('allow')).toBe('GET, POST');
  });

  it('refuses a dead bearer token instead of treating it as a guest', async () => {
    for (const bearer of ['stu_live_forged', 'eyJhbGciOiJub25lIn0.e30.', 'x'.repeat(5000)]) {
      const answer = await ask('POST', '/api/v1/auth/logout', { headers: { authorization: `Bearer ${bearer}` } });
      expect(answer.status, bearer).toBe(401);
    }
  });
});

describe('lists', () => {
  it('name their next page in the body and in a Link header, and it goes on where they end', async () => {
    const mine = await studio.organization(owner, 'Paged');
    for (let number = 0; number < 3; number += 1) await studio.join(mine, await studio.person(), 'viewer');
    const first = await ask('GET', `/api/v1/organizations/${mine.id}/members?limit=3`, { as: owner });
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask('GET', next, { as: owner });
    expect(first.json).toMatchObject({ data: { length: 3 } });
    expect(second.json).toMatchObject({ data: { length: 1 }, next_cursor: null });
    expect(second.headers.get('link')).toBeNull();
  });

  it('refuse a cursor that is not ours', async () => {
    const mine = await studio.organization(owner, 'Cursors');
    for (const cursor of ['-', '-'.repeat(36), 'a'.repeat(36), "' or 1=1"]) {
      const answer = await ask('GET', `/api/v1/organizations/${mine.id}/members?cursor=${encodeURIComponent(Buffer.from(cursor).toString('base64url'))}`, { as: owner });
      expect(answer.status, cursor).toBe(422);
    }
  });
});

describe('requests by cookie', () => {
  const body = { name: 'Mine' };
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['a sibling subdomain', { 'sec-fetch-site': 'same-site', origin: 'http://other.studio.test' }],
    ['an opaque origin', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['a foreign origin without fetch metadata', { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }],
  ])('are refused from %s', async (_, headers) => {
    const answer = await ask('POST', '/api/v1/organizations', { as: owner, body, headers });
    expect(answer.status).toBe(403);
  });

  it('are refused on every door that changes something', async () => {
    const changing = doors.filter((door) => door.method !== 'get');
    expect(changing.length).toBeGreaterThan(15);
    for (const door of changing) {
      const path = `/api/v1${door.path.replaceAll(/\{\w+\}/g, 'x')}`;
      const answer = await ask(door.method.toUpperCase(), path, { as: owner, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, ...(door.body === undefined ? {} : { body: {} }) });
      expect(answer.status, `${door.method} ${door.path}`).toBe(403);
    }
  });

  it('sign-in is refused from another site too, and taken from a program that sends neither header', async () => {
    const login = { email: 'nobody@example.com', password: 'wrong password' };
    const foreign = await ask('POST', '/api/v1/auth/login', { body: login, headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);
    expect((await ask('POST', '/api/v1/auth/login', { body: login })).status).toBe(401);
  });
});

describe('doors without a session', () => {
  it('are closed unless they say that they are open', async () => {
    for (const door of doors) {
      const path = `/api/v1${door.path.replaceAll(/\{\w+\}/g, 'x')}`;
      const answer = await ask(door.method.toUpperCase(), path, door.body === undefined ? {} : { body: {} });
      if (door.open === true) expect(answer.status, door.path).not.toBe(401);
      else expect(answer.status, door.path).toBe(401);
    }
  });
});

describe('Idempotency-Key', () => {
  it('acts once for a hundred parallel requests and answers them alike', async (context) => {
    const key = { 'idempotency-key': '"parallel-1"' };
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('POST', '/api/v1/organizations', { as: owner, body: { name: 'Parallel' }, headers: key })));
    const created = answers.filter((answer) => answer.status === 201);
    expect(created.length).toBeGreaterThan(0);
    expect(new Set(created.map((answer) => answer.text)).size).toBe(1);
    expect(answers.every((answer) => answer.status === 201 || answer.status === 409)).toBe(true);
    const [row] = await studio.raw<{ count: string }>(`select count(*) from organizations where name = 'Parallel'`);
    figure(context, { requirements: ['P6'], what: 'Effects of a hundred equal requests at once under one Idempotency-Key', reached: row?.count ?? 'none', bound: '1', pass: row?.count === '1' });
    const again = await ask('POST', '/api/v1/organizations', { as: owner, body: { name: 'Parallel' }, headers: key });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.text).toBe(created[0]?.text);
  });

  it('refuses the key for another request, and gives another person a key space of their own', async () => {
    const headers = { 'idempotency-key': '"mine"' };
    expect((await ask('POST', '/api/v1/organizations', { as: owner, body: { name: 'One' }, headers })).status).toBe(201);
    expect((await ask('POST', '/api/v1/organizations', { as: owner, body: { name: 'Two' }, headers })).status).toBe(422);
    const other = await studio.person();
    const answer = await ask('POST', '/api/v1/organizations', { as: other, body: { name: 'Three' }, headers });
    expect(answer.json).toMatchObject({ name: 'Three' });
  });

  it('acts never again when the first request was cut off after its commit', async () => {
    const headers = { 'idempotency-key': '"cut-off"' };
    const body = { name: 'Cut off' };
    expect((await ask('POST', '/api/v1/organizations', { as: owner, body, headers })).status).toBe(201);
    // What a process leaves that dies between the work and the keeping of its answer.
    await studio.raw(`update idempotency_keys set response_status = null, sealed_response = null, created_at = now() - interval '2 hours' where key = 'cut-off'`);
    const again = await ask('POST', '/api/v1/organizations', { as: owner, body, headers });
    expect(again.status).toBe(409);
    expect(again.text).toContain('was cut off');
    const [row] = await studio.raw<{ count: string }>(`select count(*) from organizations where name = 'Cut off'`);
    expect(row?.count).toBe('1');
  });

  it('is refused, before anything is done, where the answer is not kept: cookies, text, and whatever guests may ask', async () => {
    const unkept = doors.filter((door) => door.method === 'post' && !isKept(door));
    const paths = unkept.map(({ path }) => path);
    for (const path of ['/auth/register', '/auth/verify-email', '/auth/login', '/auth/logout', '/auth/reset-password', '/auth/step-up', '/users/change-password', '/projects/{project}/env/export']) expect(paths).toContain(path);
    for (const door of unkept) {
      const path = `/api/v1${door.path.replaceAll(/\{\w+\}/g, 'x')}`;
      const answer = await ask('POST', path, { as: owner, headers: { 'idempotency-key': '"unkept"' }, ...(door.body === undefined ? {} : { body: {} }) });
      expect(answer.status, door.path).toBe(400);
      expect(answer.text, door.path).toContain('takes no Idempotency-Key');
      expect(answer.headers.getSetCookie(), door.path).toEqual([]);
    }
    expect((await ask('GET', '/api/v1/users/profile', { as: owner })).status).toBe(200);
    expect(await studio.raw(`select from idempotency_keys where key = 'unkept'`)).toEqual([]);
  });

  describe('gives a kept secret back', () => {
    const headers = { 'idempotency-key': '"secret"' };
    const body = { name: 'CI', scopes: ['project:read'] };

    async function made(role: 'admin' | 'owner') {
      const acme = await studio.organization(owner, 'Secrets');
      const person = await studio.person();
      const membership = await studio.join(acme, person, role);
      const path = `/api/v1/organizations/${acme.id}/api-keys`;
      const first = await ask('POST', path, { as: person, body, headers });
      expect(first.status).toBe(201);
      return { acme, person, membership, path, first, again: (as: Person) => ask('POST', path, { as, body, headers }) };
    }

    function secretIn({ text }: Answered): string {
      return /"secret":"(stu_[\w-]+)"/.exec(text)?.[1] ?? '';
    }

    function expectNoSecret(answer: Answered, first: Answered): void {
      const secret = secretIn(first);
      expect(secret.length).toBeGreaterThan(30);
      expect(answer.status).toBe(403);
      expect(answer.text).not.toContain(secret);
    }

    it('to the same session with the same role', async () => {
      const { person, first, again } = await made('admin');
      const answer = await again(person);
      expect(answer.text).toBe(first.text);
      expect(answer.headers.get('idempotency-replayed')).toBe('true');
    });

    it('not to somebody who is no member any more', async () => {
      const { acme, person, membership, first, again } = await made('admin');
      expect((await ask('DELETE', `/api/v1/organizations/${acme.id}/members/${membership.publicId}`, { as: owner })).status).toBe(204);
      expectNoSecret(await again(person), first);
    });

    it('not to somebody whose role was lowered', async () => {
      const { acme, person, membership, first, again } = await made('admin');
      expect((await ask('PATCH', `/api/v1/organizations/${acme.id}/members/${membership.publicId}`, { as: owner, body: { role: 'viewer' } })).status).toBe(200);
      expectNoSecret(await again(person), first);
    });

    it('not to another session of the same person', async () => {
      const { person, first, again } = await made('admin');
      const sessionToken = newToken();
      await studio.raw(
        `insert into user_sessions (public_id, user_id, token_hash, idle_expires_at, expires_at) values ($1, $2, $3, now() + interval '1 day', now() + interval '1 day')`,
        [newPublicId('session'), person.id, hashToken(sessionToken)],
      );
      expectNoSecret(await again({ ...person, sessionToken }), first);
    });

    it('to an API key, until whoever made it has another role', async () => {
      const { acme, person, membership } = await made('admin');
      const created = await ask('POST', `/api/v1/organizations/${acme.id}/api-keys`, { as: person, body: { name: 'Maker', scopes: ['project:create', 'project:read'] } });
      const secret = secretIn(created);
      const create = () => ask('POST', '/api/v1/projects', { body: { organization_id: acme.id, name: 'Once' }, headers: { authorization: `Bearer ${secret}`, 'idempotency-key': 'by-key' } });
      const first = await create();
      expect(first.status).toBe(202);
      expect((await create()).text).toBe(first.text);
      await ask('PATCH', `/api/v1/organizations/${acme.id}/members/${membership.publicId}`, { as: owner, body: { role: 'viewer' } });
      expect((await create()).status).toBe(403);
    });
  });

  it('keeps no failure', async () => {
    const headers = { 'idempotency-key': '"retry"' };
    expect((await ask('POST', '/api/v1/organizations', { as: owner, body: { name: '' }, headers })).status).toBe(422);
    const [row] = await studio.raw<{ count: string }>(`select count(*) from idempotency_keys where key = 'retry'`);
    expect(row?.count).toBe('0');
  });
});

describe('limits', () => {
  it('tell the allowance with every answer', async () => {
    const answer = await ask('GET', '/api/v1/users/profile', { as: owner });
    expect(answer.headers.get('ratelimit-policy')).toMatch(/^"default";q=\d+;w=60$/);
    expect(answer.headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
  });

  it('count made-up credentials for the address that sends them', async () => {
    const limited = testApi(studio, {}, { limits: createLimits(null, { RATE_LIMIT_PER_MINUTE: 20, ATTEMPT_LIMIT_FACTOR: 1 }) });
    const answers = [];
    for (let number = 0; number < 30; number += 1) answers.push(await limited('GET', '/api/v1/users/profile', { headers: { cookie: `studio_session=made-up-${number}` } }));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 20 }, () => 401), ...Array.from({ length: 10 }, () => 429)]);
    expect(answers.at(-1)?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answers.at(-1)?.headers.get('ratelimit-policy')).toBe('"default";q=20;w=60');
  });

  it('leave others alone when one address has used up its own', async () => {
    const limits = createLimits(null, { RATE_LIMIT_PER_MINUTE: 1000, ATTEMPT_LIMIT_FACTOR: 1 });
    for (let number = 0; number < 3_100; number += 1) await limits.attempt('sign-in', `a${number}@example.com`, '192.0.2.1').catch(() => undefined);
    await expect(limits.attempt('sign-in', 'other@example.com', '192.0.2.1')).rejects.toMatchObject({ code: 'rate_limited' });
    await expect(limits.attempt('sign-in', 'other@example.com', '198.51.100.9')).resolves.toBeUndefined();
  });

  it('count an unknown address as one place, not as none', async () => {
    const limits = createLimits(null, { RATE_LIMIT_PER_MINUTE: 1000, ATTEMPT_LIMIT_FACTOR: 1 });
    const tries = await Promise.allSettled(Array.from({ length: 61 }, (_, number) => limits.attempt('sign-in', `b${number}@example.com`, null)));
    expect(tries.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });

  it('see a /64 of IPv6 as one place and mapped IPv4 as IPv4', () => {
    expect(network('2001:db8:1:2:3:4:5:6')).toBe(network('2001:db8:1:2:ffff::1'));
    expect(network('2001:db8:1:2::1')).not.toBe(network('2001:db8:1:3::1'));
    expect(network('::ffff:192.0.2.1')).toBe('192.0.2.1');
  });
});

describe('the reference', () => {
  it('describes every door, with a schema for each body and answer', () => {
    const document = JSON.parse(JSON.stringify(openApiDocument(doors)));
    expect(document.openapi).toBe('3.1.0');
    for (const door of doors) {
      const operation = document.paths[door.path]?.[door.method];
      expect(operation?.summary, door.path).toBe(door.summary);
      if (door.body !== undefined) expect(operation.requestBody.content['application/json'].schema.type, door.path).toBe('object');
    }
    const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
