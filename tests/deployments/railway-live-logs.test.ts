import { createServer, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { createRailway } from '@/lib/adapters/railway/graphql/railway';
import { createRailways } from '@/lib/adapters/railway/graphql/railways';
import type { Railway, RailwayLogLine } from '@/lib/adapters/railway/port';
import { systemClock } from '@/lib/kernel/clock';
import { listen } from '@/tests/support/listen';
import { app, Cloud, openFolder, Service, TOKEN } from '../local-cloud/railway/support';
import { failureOf, manualClock, outage, token } from './support/failure';

const never = new AbortController().signal;

/** A running `followLogs`, its lines and its end. */
function follow(railway: Railway, deploymentId: string, kind: 'build' | 'runtime') {
  const lines: RailwayLogLine[] = [];
  const batches: number[] = [];
  const abort = new AbortController();
  let state: 'running' | 'ended' | 'failed' = 'running';
  const done = railway.followLogs(deploymentId, kind, (more) => {
    lines.push(...more);
    batches.push(more.length);
  }, abort.signal).then(() => { state = 'ended'; }, (error: unknown) => {
    state = 'failed';
    throw error;
  });
  done.catch(() => undefined);
  return { lines, batches, abort: () => abort.abort(), done, state: () => state, messages: () => lines.map(({ message }) => message) };
}

describe('live logs, adapter and stand-in', () => {
  let cloud: Cloud;
  let railway: Railway;

  beforeAll(async () => {
    cloud = new Cloud(await openFolder());
    await cloud.push('talker', app('(console.log("at " + Date.now()), "said")'));
    await cloud.push('flood', app('(() => { for (let i = 0; i < 5000; i += 1) console.log("line " + i); return "written"; })()'));
    await cloud.start({ allowFaults: true });
    railway = createRailways({ endpoint: `${cloud.url}/graphql/v2`, clock: systemClock }).withToken(TOKEN);
  });
  afterEach(() => cloud.faults.clear());
  afterAll(() => cloud.remove());

  it('of an app come well within 300 ms, of its builds until they are over', async () => {
    const service = await Service.create(cloud, 'talker', { startCommand: 'exec node app.mjs', buildCommand: 'echo one; sleep 0.5; echo two' });
    const id = await service.deploy();
    const build = follow(railway, id, 'build');
    const runtime = follow(railway, id, 'runtime');
    await expect.poll(build.messages, { timeout: 10_000 }).toContain('one');
    expect(build.messages()).not.toContain('two');
    await build.done;
    expect(await service.settle(id)).toBe('SUCCESS');
    expect(build.lines).toEqual(await railway.buildLogs(id, { since: null, limit: 1000 }));
    await expect.poll(runtime.messages).toContain('serving');

    const delays: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const seen = runtime.lines.length;
      await service.text();
      await expect.poll(() => runtime.lines.length, { interval: 1 }).toBeGreaterThan(seen);
      delays.push(Date.now() - Number(/at (\d+)/.exec(runtime.lines.at(-1)?.message ?? '')?.[1]));
    }
    const median = delays.toSorted((a, b) => a - b)[10] ?? Number.NaN;
    const worst = Math.max(...delays);
    console.info(`live logs: ${median} ms from console.log to the reader, ${worst} ms at most`);
    expect(worst).toBeLessThan(300);
    expect(median).toBeLessThan(100);
    expect(runtime.state()).toBe('running');
    runtime.abort();
    await runtime.done;
    expect(runtime.lines).toEqual(await railway.runtimeLogs(id, { since: null, limit: 1000 }));
  });

  it('begin with what was there, lose and repeat nothing, and end with the deployment', async () => {
    const service = await Service.create(cloud, 'flood', { startCommand: 'exec node app.mjs' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('SUCCESS');
    const before = follow(railway, id, 'runtime');
    await expect.poll(before.messages).toEqual(['serving']);
    await service.text();
    await expect.poll(() => before.lines.length, { timeout: 10_000 }).toBe(5001);
    expect(before.messages().slice(1)).toEqual(Array.from({ length: 5000 }, (_, index) => `line ${index}`));
    expect(before.batches.length).toBeLessThan(2500);

    const late = follow(railway, id, 'runtime');
    await expect.poll(() => late.lines.length).toBe(500);
    expect(late.messages().at(-1)).toBe('line 4999');
    expect(await service.settle(await service.deploy())).toBe('SUCCESS');
    await Promise.all([before.done, late.done]);
    const over = follow(railway, id, 'build');
    await over.done;
    expect(over.messages()).toContain('The build is done.');
  });

  it('leave nothing behind when they are no longer read', async () => {
    const service = await Service.create(cloud, 'talker', { startCommand: 'exec node app.mjs' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('SUCCESS');
    const followers = Array.from({ length: 5 }, () => follow(railway, id, 'runtime'));
    await expect.poll(() => followers.every(({ lines }) => lines.length > 0)).toBe(true);
    for (const { abort } of followers) abort();
    await Promise.all(followers.map(({ done }) => done));
    const seen = followers.map(({ lines }) => lines.length);
    await service.text();
    await sleep(100);
    expect(followers.map(({ lines }) => lines.length)).toEqual(seen);
    const early = new AbortController();
    early.abort();
    await railway.followLogs(id, 'runtime', () => expect.unreachable(), early.signal);
  });

  it('mean the same by each failure', async () => {
    const missing = '00000000-0000-4000-8000-000000000000';
    expect(await failureOf(railway.followLogs(missing, 'build', () => undefined, never))).toEqual({ kind: 'not_found' });
    const wrong = createRailways({ endpoint: `${cloud.url}/graphql/v2`, clock: systemClock }).withToken('somebody-else');
    expect(await failureOf(wrong.followLogs(missing, 'build', () => undefined, never))).toEqual({ kind: 'unauthorized' });
    cloud.faults.add({ operation: 'buildLogs', effect: { kind: 'rate-limit', retryAfterSeconds: 7 }, times: 1 });
    expect(await failureOf(railway.followLogs(missing, 'build', () => undefined, never))).toMatchObject({ kind: 'rate_limited' });
    cloud.faults.add({ operation: 'buildLogs', effect: { kind: 'cut', when: 'before' }, times: 1 });
    expect(await failureOf(railway.followLogs(missing, 'build', () => undefined, never))).toEqual(outage);
  });
});

describe('a live log that cannot be had', () => {
  let http: Server;
  let endpoint: string;
  let refuse: ((response: ServerResponse) => void) | undefined;
  let serve: (socket: WebSocket) => void = () => undefined;

  beforeAll(async () => {
    http = createServer();
    const sockets = new WebSocketServer({ noServer: true });
    sockets.on('connection', (socket) => serve(socket));
    http.on('upgrade', (request, socket, head) => {
      if (refuse === undefined) return sockets.handleUpgrade(request, socket, head, (accepted) => sockets.emit('connection', accepted, request));
      const response = { status: 0, headers: '' };
      const play = { writeHead: (status: number, headers: Record<string, string> = {}) => { response.status = status; response.headers = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join(''); } };
      refuse(toResponse(play));
      socket.end(`HTTP/1.1 ${response.status} X\r\n${response.headers}content-length: 0\r\nconnection: close\r\n\r\n`);
    });
    endpoint = `${await listen(http)}/graphql/v2`;
  });
  afterEach(() => {
    refuse = undefined;
    serve = () => undefined;
  });
  afterAll(() => {
    http.close();
    http.closeAllConnections();
  });

  function toResponse(value: object): ServerResponse {
    return value as ServerResponse;
  }

  const connect = (clock = systemClock) => createRailway({ endpoint, token, clock, deadlineMs: 300 });
  const attempt = (railway = connect(), onLines: (lines: RailwayLogLine[]) => void = () => undefined) => failureOf(railway.followLogs('dep-1', 'runtime', onLines, never));
  /** Speaks the protocol up to the acknowledgement, and then what `then` says. */
  const acknowledging = (then: (socket: WebSocket, id: string) => void) => (socket: WebSocket) => {
    socket.on('message', (data) => {
      const message = toMessage(JSON.parse(String(data)));
      if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (message.type === 'subscribe') then(socket, message.id ?? '');
    });
  };
  const next = (payload: object) => acknowledging((socket, id) => socket.send(JSON.stringify({ id, type: 'next', payload })));

  function toMessage(value: unknown): { type: string; id?: string } {
    return value as { type: string; id?: string };
  }

  it.each([[401, { kind: 'unauthorized' }], [404, { kind: 'unsupported' }], [503, outage], [200, { kind: 'unsupported' }], [301, { kind: 'unsupported' }]] as const)('because the handshake answers %i', async (status, expected) => {
    refuse = (response) => void response.writeHead(status, { location: 'http://127.0.0.1:1/' });
    expect(await attempt()).toEqual(expected);
  });

  it('because of too many requests: then nothing else is asked for that long', async () => {
    refuse = (response) => void response.writeHead(429, { 'retry-after': '60' });
    const railway = connect(manualClock());
    expect(await attempt(railway)).toEqual({ kind: 'rate_limited', retryAfterMs: 60_000 });
    expect(await failureOf(railway.getDeployment('dep-1'))).toEqual({ kind: 'rate_limited', retryAfterMs: 60_000 });
  });

  it('because nobody listens, or nobody answers', async () => {
    const gone = createRailway({ endpoint: 'http://127.0.0.1:1/graphql/v2', token, clock: systemClock });
    expect(await attempt(gone)).toEqual({ kind: 'unavailable', sent: false, retryAfterMs: null });
    const began = performance.now();
    expect(await attempt()).toEqual({ kind: 'timeout' });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it.each<[string, (socket: WebSocket) => void, object]>([
    ['the token is refused', (socket) => socket.on('message', () => socket.close(4403, 'Forbidden')), { kind: 'unauthorized' }],
    ['the connection is cut', acknowledging((socket) => socket.terminate()), outage],
    ['the server goes away', acknowledging((socket) => socket.close(1001)), outage],
    ['Railway says no', acknowledging((socket, id) => socket.send(JSON.stringify({ id, type: 'error', payload: [{ message: 'Deployment not found' }] }))), { kind: 'not_found' }],
    ['Railway says no in an answer', next({ data: null, errors: [{ message: 'Not Authorized' }] }), { kind: 'unauthorized' }],
    ['the answer is of another shape', next({ data: { deploymentLogs: [{ text: 'x' }] } }), { kind: 'unsupported' }],
    ['it is no answer at all', acknowledging((socket) => socket.send('what?')), { kind: 'unsupported' }],
  ])('because %s', async (_, play, expected) => {
    serve = play;
    expect(await attempt()).toEqual(expected);
  });

  it('passes on what its reader throws, and ends when Railway ends it', async () => {
    const line = { timestamp: '2026-08-01T10:00:00.000000000Z', severity: 'info', message: 'x' };
    serve = acknowledging((socket, id) => {
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { deploymentLogs: [line] } } }));
      socket.send(JSON.stringify({ id, type: 'complete' }));
    });
    const seen: RailwayLogLine[] = [];
    await connect().followLogs('dep-1', 'runtime', (lines) => seen.push(...lines), never);
    expect(seen).toEqual([line]);
    await expect(connect().followLogs('dep-1', 'runtime', () => { throw new Error('no room'); }, never)).rejects.toThrow('no room');
  });

  it('carries the token in the header and in the first message, and in no URL', async () => {
    const seen: string[] = [];
    const note = (request: { url?: string | undefined; headers: { authorization?: string | undefined } }): void => void seen.push(String(request.url), String(request.headers.authorization));
    http.once('upgrade', note);
    serve = (socket) => socket.on('message', (data) => {
      seen.push(String(data));
      socket.close(4403);
    });
    await attempt();
    expect(seen).toEqual(['/graphql/v2', `Bearer ${token}`, `{"type":"connection_init","payload":{"Authorization":"Bearer ${token}"}}`]);
  });
});
