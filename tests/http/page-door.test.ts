import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLimits } from '@/lib/adapters/limits/limits';
import type { Ctx } from '@/lib/context';
import { createPageDoor } from '@/lib/http/page-door';
import { visitHeader } from '@/lib/http/page-visit';
import { testComposition } from '../support/api';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { listen } from '../support/listen';
import { waitFor } from '../support/wait-for';

let studio: TestStudio;
let person: Person;
let server: Server | undefined;

beforeAll(async () => {
  studio = await testStudio();
  person = await studio.person();
});
afterEach(() => server?.close());
afterAll(() => studio.close());

/** Pages behind the door: each answers who was found to be asking. */
async function pages(changes: Partial<Ctx> = {}) {
  const composition = testComposition(studio, { TRUSTED_PROXY_HOPS: '1' }, changes);
  const admit = createPageDoor(composition);
  const opened = createServer((request, response) => {
    void admit(request, response).then((admitted) => {
      if (!admitted) return;
      const visit = composition.visits.get(String(request.headers[visitHeader]));
      response.end(JSON.stringify({ visit: visit ?? null, header: request.headers[visitHeader] ?? null }));
    });
  });
  server = opened;
  const url = await listen(opened);
  return {
    composition,
    url,
    async ask(path: string, { cookie, ip = '192.0.2.9', headers = {} }: { cookie?: string; ip?: string; headers?: Record<string, string> } = {}) {
      const response = await fetch(url + path, { headers: { 'x-forwarded-for': ip, ...(cookie === undefined ? {} : { cookie: `studio_session=${cookie}` }), ...headers } });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

const few = () => ({ limits: createLimits(null, { RATE_LIMIT_PER_MINUTE: 20, ATTEMPT_LIMIT_FACTOR: 1 }) });

describe('pages', () => {
  it('learn from the front who asks, and nothing is kept after the answer', async () => {
    const { ask, composition } = await pages();
    const answer = await ask('/acme', { cookie: person.sessionToken });
    expect(JSON.parse(answer.text)).toMatchObject({ visit: { actor: { kind: 'user', userId: person.id }, ip: '192.0.2.9' } });
    expect(JSON.parse((await ask('/acme')).text)).toMatchObject({ visit: { actor: { kind: 'anonymous' } } });
    expect(composition.visits.size).toBe(0);
  });

  it('believe no visitor who says who they are', async () => {
    const { ask, composition } = await pages();
    composition.visits.set('known', { actor: { kind: 'user', userId: person.id, sessionId: person.sessionId, name: 'Stolen' } });
    expect(JSON.parse((await ask('/acme', { headers: { [visitHeader]: 'known' } })).text)).toMatchObject({ visit: { actor: { kind: 'anonymous' } } });
    expect(JSON.parse((await ask('/_next/static/a.js', { headers: { [visitHeader]: 'known' } })).text)).toEqual({ visit: null, header: null });
  });

  it('refuse made-up cookies of one address in a plain page; genuine sessions and files there, and other addresses, stay free', async () => {
    const { ask } = await pages(few());
    const statuses: number[] = [];
    for (let n = 0; n < 30; n += 1) statuses.push((await ask('/acme', { cookie: `made-up-${n}` })).status);
    expect(statuses).toEqual([...Array<number>(20).fill(200), ...Array<number>(10).fill(429)]);
    const refused = await ask('/acme', { cookie: 'made-up' });
    expect(refused.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.text).toContain('<h1 style="font-size: 1.25rem">Too many requests</h1>');
    expect((await ask('/acme', { cookie: person.sessionToken })).status).toBe(200);
    expect((await ask('/sign-in')).status).toBe(200);
    expect((await ask('/_next/static/chunk.js', { cookie: 'made-up' })).status).toBe(200);
    expect((await ask('/acme', { cookie: 'made-up', ip: '198.51.100.4' })).status).toBe(200);
  });

  it.each([
    ['no JSON', '['],
    ['no state', encodeURIComponent('{"children":1}')],
    ['not written as headers are', '%'],
  ])('refuse a part of a page to who says what is there already by %s', async (_, state) => {
    const { ask } = await pages();
    const headers = { rsc: '1', 'next-router-state-tree': state };
    const refused = await ask('/acme', { headers });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('Load the page again.');
    expect((await ask('/acme', { headers: { ...headers, 'next-router-state-tree': encodeURIComponent('["",{}]') } })).status).toBe(200);
  });

  it('put no new cookie into what caches keep', async () => {
    const { ask } = await pages();
    const member = await studio.person();
    await studio.raw(`update user_sessions set rotated_at = now() - interval '2 days' where user_id = $1`, [member.id]);
    for (const path of ['/icons.svg', '/icons.svg?x=1', '/icon.svg', '/_next/static/chunk.js']) {
      expect((await ask(path, { cookie: member.sessionToken })).headers.get('set-cookie'), path).toBeNull();
    }
    expect((await ask('/icons.svgx', { cookie: member.sessionToken })).headers.get('set-cookie')).toContain('studio_session=');
  });

  it('keep nothing of a visitor who leaves before they are known', async () => {
    const { composition, url } = await pages();
    const leaving = Array.from({ length: 20 }, async () => {
      const gone = new AbortController();
      const asked = fetch(`${url}/acme`, { headers: { cookie: `studio_session=${person.sessionToken}` }, signal: gone.signal });
      setImmediate(() => gone.abort());
      return asked.then(
        () => 'answered',
        () => 'left',
      );
    });
    expect(await Promise.all(leaving)).toContain('left');
    await waitFor(() => composition.visits.size === 0, { what: 'the visits to be over' });
  });

  it('count made-up cookies together with those of the API', async () => {
    const limits = few();
    const { ask, composition } = await pages(limits);
    for (let n = 0; n < 20; n += 1) await composition.ports.limits.request('ip:192.0.2.9');
    expect((await ask('/acme', { cookie: 'made-up' })).status).toBe(429);
  });

  it('give a session that is due its new token', async () => {
    const other = await studio.person();
    await studio.raw(`update user_sessions set rotated_at = now() - interval '25 hours' where id = $1`, [other.sessionId]);
    const { ask } = await pages();
    const first = await ask('/acme', { cookie: other.sessionToken });
    expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^studio_session=[\w-]{43}; Path=\/;/)]);
    expect(JSON.parse(first.text)).toMatchObject({ visit: { actor: { userId: other.id } } });
    const renewed = /=([\w-]+);/.exec(first.headers.getSetCookie()[0] ?? '')?.[1] ?? '';
    const second = await ask('/acme', { cookie: renewed });
    expect(JSON.parse(second.text)).toMatchObject({ visit: { actor: { userId: other.id, sessionId: other.sessionId } } });
    expect(second.headers.getSetCookie()).toEqual([]);
  });
});
