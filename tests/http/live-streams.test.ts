import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noticeChannel } from '@/db/platform/notify';
import { eventRoutes } from '@/lib/http/events';
import { openNotices, type Notices } from '@/lib/http/notices';
import { createStreamSlots, type StreamSlots } from '@/lib/http/stream-slots';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { revokeApiKey } from '@/lib/identity/api-key/revoke-api-key';
import { removeMember } from '@/lib/identity/member/remove-member';
import { renewToken } from '@/lib/identity/session/renew-token';
import { signOut } from '@/lib/identity/session/revoke-sessions';
import { testComposition } from '../support/api';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { listen } from '../support/listen';
import { openLiveStream, type LiveStream } from '../support/live-stream';
import { waitFor } from '../support/wait-for';

const perCaller = 3;
const perProcess = 5;

let studio: TestStudio;
let owner: Person;
let organization: { id: string; rowId: string };
let notices: Notices;
let slots: StreamSlots;
let server: Server;
let url: string;

beforeAll(async () => {
  studio = await testStudio();
  owner = await studio.person();
  organization = await studio.organization(owner);
});
beforeEach(async () => {
  const composition = testComposition(studio);
  notices = openNotices(composition);
  slots = createStreamSlots({ perCaller, perProcess });
  server = createServer(getRequestListener(eventRoutes(composition, notices, slots).fetch, { overrideGlobalObjects: false }));
  url = await listen(server);
});
afterEach(async () => {
  await notices.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
afterAll(() => studio.close());

const address = () => `${url}/api/v1/events?organization_id=${organization.id}`;
const headersOf = ({ sessionToken }: Person) => ({ cookie: `studio_session=${sessionToken}` });
const open = (person: Person): Promise<LiveStream> => openLiveStream(address(), headersOf(person));

async function member(): Promise<Person> {
  const person = await studio.person();
  await studio.join(organization, person, 'viewer');
  return person;
}

async function untilTaken(count: number): Promise<void> {
  await waitFor(() => slots.taken() === count, { what: `${count} streams to be open`, withinMs: 5_000, everyMs: 5 });
}

describe('live streams', () => {
  it('are refused to somebody who has too many, with a time to come back, and to nobody else', async () => {
    const own = await Promise.all(Array.from({ length: perCaller }, () => open(owner)));
    const refused = await fetch(address(), { headers: headersOf(owner) });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', detail: 'You have 3 live streams open already. Close one of them first.' });
    const other = await open(await member());
    expect(other.status).toBe(200);
    for (const stream of [...own, other]) stream.close();
    await untilTaken(0);
    expect((await open(owner)).status).toBe(200);
  });

  it('are refused to everybody when the process has too many', async () => {
    const people = await Promise.all([member(), member()]);
    const streams = await Promise.all([...people, ...people, owner].map(open));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const refused = await fetch(address(), { headers: headersOf(owner) });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    streams[0]?.close();
    await untilTaken(perProcess - 1);
    expect((await open(owner)).status).toBe(200);
  });

  it('say nothing of what happens in another organization', async () => {
    const foreign = await studio.organization(await studio.person());
    const tell = (kind: 'organization' | 'project', of: { rowId: string }) => studio.raw('select pg_notify($1, $2)', [noticeChannel, JSON.stringify({ kind, organization_id: of.rowId, project_id: of.rowId })]);
    const stream = await open(owner);
    const own = () => stream.events.filter(({ event }) => event === 'organization').length;
    // Told again until it is heard: a notice from before the process listens is heard by nobody.
    await waitFor(async () => tell('organization', organization).then(() => own() > 0), { what: 'the first news', everyMs: 100 });
    await delay(300);
    const before = stream.events.length;
    for (const kind of ['organization', 'project'] as const) await tell(kind, foreign);
    await tell('organization', organization);
    await waitFor(() => stream.events.length > before, { what: 'the next news' });
    await delay(300);
    expect(stream.events.slice(before).map(({ event }) => event)).toEqual(['organization']);
  });

  it('give their place back when the session ends', async () => {
    const person = await member();
    const streams = await Promise.all([open(person), open(person)]);
    expect(slots.taken()).toBe(2);
    await signOut(person.ctx);
    for (const stream of streams) await waitFor(stream.ended, { what: 'the stream to end', withinMs: 5_000, everyMs: 5 });
    expect(slots.taken()).toBe(0);
  });

  it('end when their key is revoked', async () => {
    const { id, secret } = await createApiKey(owner.ctx, organization.id, { name: 'Listener', scopes: ['organization:read', 'project:read'] });
    const stream = await openLiveStream(address(), { authorization: `Bearer ${secret}` });
    expect(stream.status).toBe(200);
    await stream.until('the first read', ({ event }) => event === 'project');
    await revokeApiKey(owner.ctx, organization.id, id);
    await waitFor(stream.ended, { what: 'the stream to end', withinMs: 1_000, everyMs: 5 });
    expect(stream.events.at(-1)?.event).toBe('access');
  });

  it('end when the one who made their key is a member no more', async () => {
    const maker = await studio.person();
    const { publicId } = await studio.join(organization, maker, 'admin');
    const { secret } = await createApiKey(maker.ctx, organization.id, { name: 'Left behind', scopes: ['organization:read', 'project:read'] });
    const stream = await openLiveStream(address(), { authorization: `Bearer ${secret}` });
    await stream.until('the first read', ({ event }) => event === 'project');
    await removeMember(owner.ctx, organization.id, publicId);
    await waitFor(stream.ended, { what: 'the stream to end', withinMs: 1_000, everyMs: 5 });
    expect(stream.events.at(-1)?.event).toBe('access');
  });

  it('give their place back when the server stops', async () => {
    const stream = await open(owner);
    await notices.close();
    await waitFor(stream.ended, { what: 'the stream to end', withinMs: 5_000, everyMs: 5 });
    expect(slots.taken()).toBe(0);
  });

  it('take no place when they are refused', async () => {
    const stranger = await studio.person();
    for (let n = 0; n < perCaller * 2; n += 1) expect((await fetch(address(), { headers: headersOf(stranger) })).status).toBe(404);
    expect((await fetch(address())).status).toBe(401);
    expect(slots.taken()).toBe(0);
  });

  it('give their place back when the peer leaves at any moment, before the answer too', async () => {
    for (let round = 0; round < 60; round += 1) {
      const leaving = new AbortController();
      const asked = fetch(address(), { headers: headersOf(owner), signal: leaving.signal }).catch(() => null);
      await delay(round % 20);
      leaving.abort();
      await asked;
      if (round % perCaller === perCaller - 1) await untilTaken(0);
    }
    expect((await open(owner)).status).toBe(200);
  });

  it('outlive a new token of their session', async () => {
    const person = await member();
    const stream = await open(person);
    await stream.until('the first read', ({ event }) => event === 'project');
    await studio.raw(`update user_sessions set rotated_at = now() - interval '25 hours' where id = $1`, [person.sessionId]);
    expect(await renewToken(person.ctx, { sessionId: person.sessionId, token: person.sessionToken })).not.toBeNull();
    await studio.raw(`update user_sessions set rotated_at = now() - interval '11 seconds' where id = $1`, [person.sessionId]);
    // Told again until it is heard: a notice from before the process listens is heard by nobody.
    await waitFor(
      async () => {
        for (const notice of [{ kind: 'access', actor_id: person.id }, { kind: 'organization', organization_id: organization.rowId }]) await studio.raw('select pg_notify($1, $2)', [noticeChannel, JSON.stringify(notice)]);
        return stream.events.some(({ event }) => event === 'organization');
      },
      { what: 'news after the new token', withinMs: 15_000, everyMs: 100 },
    );
    expect(stream.ended()).toBe(false);
  });
});
