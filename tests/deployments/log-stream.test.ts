import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { LogLine } from '@/lib/deployments/log/schemas';
import { logRoutes, type LogRoutes } from '@/lib/http/log-stream';
import { createStreamSlots } from '@/lib/http/stream-slots';
import { signOut } from '@/lib/identity/session/revoke-sessions';
import type { Person } from '../support/context';
import { testComposition } from '../support/api';
import { listen } from '../support/listen';
import { openLiveStream, type LiveStream } from '../support/live-stream';
import { waitFor } from '../support/wait-for';
import { testDeployments, type TestDeployments } from './support/studio';

const Lines = z.array(LogLine);
const source = { kind: 'repository', repository: 'acme/ticker' };
const perCaller = 3;

describe('following a log', () => {
  let studio: TestDeployments;
  let server: Server;
  let logs: LogRoutes;
  const slots = createStreamSlots({ perCaller, perProcess: 10 });
  let url: string;
  let project: string;
  let deployment: string;
  let appUrl: string;

  beforeAll(async () => {
    studio = await testDeployments();
    await studio.cloud.push('acme/ticker', {
      'package.json': JSON.stringify({ name: 'ticker', version: '1.0.0', private: true, scripts: { start: 'node server.mjs' } }),
      'server.mjs': `import { createServer } from 'node:http';\ncreateServer((request, response) => { console.log(request.url.slice(1) + ' ' + Date.now()); response.end('ok'); }).listen(process.env.PORT, () => console.log('listening'));\n`,
    });
    project = await studio.newProject('Ticker');
    const up = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    deployment = up.id;
    appUrl = up.url ?? '';
    const composition = testComposition({ ...studio, organization: studio.newOrganization }, {}, { appwrite: studio.ports.appwrite });
    logs = logRoutes(composition, slots);
    server = createServer(getRequestListener(logs.routes.fetch, { overrideGlobalObjects: false }));
    url = await listen(server);
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await studio.close();
  });

  const open = (person: Person, { kind = 'runtime', headers = {}, of = deployment } = {}): Promise<LiveStream> =>
    openLiveStream(`${url}/api/v1/projects/${project}/deployments/${of}/logs/stream?kind=${kind}`, { cookie: `studio_session=${person.sessionToken}`, ...headers });

  const linesOf = (stream: LiveStream): LogLine[] => stream.events.filter(({ event }) => event === 'lines').flatMap(({ data }) => Lines.parse(data));
  const say = async (word: string): Promise<void> => void (await fetch(`${appUrl}/${word}`));
  const shows = (stream: LiveStream, word: string, times = 1) =>
    waitFor(() => linesOf(stream).filter(({ message }) => message.startsWith(`${word} `)).length >= times, { what: `${times} lines of ${word}`, withinMs: 10_000, everyMs: 5 });

  it('shows what was there, then each line as it is written', async () => {
    const stream = await open(studio.owner);
    await waitFor(() => linesOf(stream).some(({ message }) => message === 'listening'), { what: 'the first line', withinMs: 5_000 });
    const tookMs: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      await say(`line-${n}`);
      await shows(stream, `line-${n}`);
      const written = Number(linesOf(stream).find(({ message }) => message.startsWith(`line-${n} `))?.message.split(' ')[1]);
      tookMs.push(Date.now() - written);
    }
    const messages = linesOf(stream).map(({ message }) => message.split(' ')[0]);
    expect(messages.filter((word) => word?.startsWith('line-'))).toEqual(Array.from({ length: 40 }, (_, n) => `line-${n}`));
    const sorted = tookMs.toSorted((a, b) => a - b);
    console.info(`log lines from process to reader: p50 ${sorted[20]} ms, p95 ${sorted[37]} ms`);
    stream.close();
  });

  it('ends at once when its reader leaves, on a host that tells of that by the answer alone', async () => {
    await waitFor(() => slots.taken() === 0, { what: 'the other streams to end' });
    const answer = await logs.routes.request(`/api/v1/projects/${project}/deployments/${deployment}/logs/stream?kind=runtime`, { headers: { cookie: `studio_session=${studio.owner.sessionToken}` } });
    const reader = answer.body?.getReader();
    const nextPiece = () => Promise.race([reader?.read(), sleep(500, 'waiting' as const)]);
    for (let piece = await nextPiece(); piece !== 'waiting'; piece = await nextPiece()) expect(piece?.done).toBe(false);
    expect(slots.taken()).toBe(1);
    const leftAtMs = performance.now();
    await reader?.cancel();
    expect(performance.now() - leftAtMs).toBeLessThan(1_000);
    expect(slots.taken()).toBe(0);
  });

  it('goes on after a cut without a gap or a line twice', async () => {
    const before = await open(studio.owner);
    await say('before');
    await shows(before, 'before');
    const last = before.events.findLast(({ event }) => event === 'lines')?.id ?? '';
    before.close();
    await say('between');
    const after = await open(studio.owner, { headers: { 'last-event-id': last } });
    await say('after');
    await shows(after, 'after');
    expect(linesOf(after).map(({ message }) => message.split(' ')[0])).toEqual(['between', 'after']);
    after.close();
  });

  it('holds a flood without holding all of it', async () => {
    const stream = await open(studio.owner);
    await Promise.all(Array.from({ length: 200 }, () => say('flood')));
    await shows(stream, 'flood', 200);
    expect(linesOf(stream).filter(({ message }) => message.startsWith('flood ')).length).toBe(200);
    stream.close();
  });

  it.each([
    ['who is removed from the organization', (person: Person) => studio.raw('delete from memberships where user_id = $1', [person.id])],
    ['who signs out', ({ ctx }: Person) => signOut(ctx)],
  ])('shows no line of more than a second later to somebody %s, and ends', async (_, end) => {
    const leaver = await studio.person();
    await studio.join(studio.organization, leaver, 'viewer');
    const stream = await open(leaver);
    expect(stream.status).toBe(200);
    // Just after a look at the right, so that the next one is as far away as it gets.
    await sleep(1_000);
    await say('still');
    await shows(stream, 'still');
    await end(leaver);
    const endedAtMs = Date.now();
    await waitFor(async () => say('secret').then(() => stream.ended()), { what: 'the stream to end', withinMs: 5_000, everyMs: 20 });
    const latest = Math.max(...linesOf(stream).filter(({ message }) => message.startsWith('secret ')).map(({ message }) => Number(message.split(' ')[1])), endedAtMs);
    console.info(`log lines went on for ${latest - endedAtMs} ms after the end`);
    expect(latest - endedAtMs).toBeLessThanOrEqual(1_000);
  });

  it('is refused to strangers and guests, with words for what is wrong', async () => {
    const stranger = await studio.person();
    await studio.newOrganization(stranger);
    const ask = (headers: Record<string, string>, query = '?kind=runtime') => fetch(`${url}/api/v1/projects/${project}/deployments/${deployment}/logs/stream${query}`, { headers });
    expect((await ask({ cookie: `studio_session=${stranger.sessionToken}` })).status).toBe(404);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ cookie: `studio_session=${studio.owner.sessionToken}` }, '?kind=wrong')).status).toBe(422);
    expect((await ask({ cookie: `studio_session=${studio.owner.sessionToken}`, 'last-event-id': 'x' })).status).toBe(422);
  });

  it('is bounded for each caller, and gives its places back', async () => {
    const person = await studio.person();
    await studio.join(studio.organization, person, 'viewer');
    const streams = await Promise.all(Array.from({ length: perCaller }, () => open(person)));
    expect((await open(person)).status).toBe(429);
    for (const stream of streams) stream.close();
    const again = await waitFor(async () => {
      const stream = await open(person);
      return stream.status === 200 && stream;
    }, { what: 'a place again', withinMs: 10_000 });
    again.close();
  });

  it('ends by itself when the deployment has ended, with the lines that are kept', async () => {
    const build = await open(studio.owner, { kind: 'build' });
    await waitFor(() => linesOf(build).length > 0, { what: 'lines of the build', withinMs: 5_000 });
    build.close();
    const next = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, {})).id);
    expect(next.live).toBe(true);
    const old = await open(studio.owner);
    await waitFor(() => old.ended(), { what: 'the stream to end', withinMs: 10_000 });
    expect(old.events.at(-1)?.event).toBe('end');
    expect(linesOf(old).some(({ message }) => message === 'listening')).toBe(true);
  });

  it('ends when the process stops', async () => {
    const [latest] = await studio.raw<{ public_id: string }>('select public_id from deployments order by number desc limit 1');
    const stream = await open(studio.owner, { of: latest?.public_id ?? '' });
    logs.close();
    await waitFor(() => stream.ended(), { what: 'the stream to end', withinMs: 6_000 });
    expect(stream.ended()).toBe(true);
  });
});
