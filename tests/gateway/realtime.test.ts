import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { TestProjects } from '../projects/support';
import { listen } from '../support/listen';
import { waitFor } from '../support/wait-for';
import { askRaw, moveInstance, startGateway, studioWithProject, type RunningGateway } from './support';

let studio: TestProjects;
let project: string;
let running: RunningGateway;
let upstreamUrl: string;
const heads: { url: string; headers: IncomingHttpHeaders }[] = [];
const server = createServer((_, response) => response.writeHead(404).end());
const sockets = new WebSocketServer({ server });

beforeAll(async () => {
  ({ studio, project } = await studioWithProject());
  sockets.on('connection', (socket, request) => {
    heads.push({ url: request.url ?? '', headers: request.headers });
    socket.send('hello');
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  upstreamUrl = await listen(server);
  await moveInstance(studio, `${upstreamUrl}/v1`);
  running = await startGateway(studio, {}, { realtime: { perCaller: 2, perProcess: 10 } });
});

afterAll(async () => {
  for (const socket of sockets.clients) socket.terminate();
  await running.close();
  await new Promise((resolve) => server.close(resolve));
  await studio.close();
});

const join = (query: string, headers: Record<string, string> = {}, at = running.url) => new WebSocket(`${at.replace('http', 'ws')}/v1/realtime?${query}`, { headers });

function opened(socket: WebSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('message', (data) => resolve(String(data)));
  });
}

function refusalOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
  });
}

async function closed(socket: WebSocket): Promise<void> {
  if (socket.readyState !== WebSocket.CLOSED) await new Promise((resolve) => socket.once('close', resolve));
}

describe('realtime', () => {
  it('carries messages both ways, small and large, as the project alone', async () => {
    const socket = join(`project=${project}&channels[]=files`, { cookie: `studio_session=secret; a_session_${project}=own`, authorization: 'Bearer studio' });
    expect(await opened(socket)).toBe('hello');
    const large = Buffer.alloc(3 * 1024 * 1024, 7);
    const back = new Promise<Buffer>((resolve) => socket.once('message', (data: Buffer) => resolve(data)));
    socket.send(large);
    expect((await back).equals(large)).toBe(true);
    expect(heads.at(-1)).toMatchObject({ url: `/v1/realtime?project=${project}&channels[]=files`, headers: { cookie: `a_session_${project}=own`, 'x-appwrite-project': project } });
    expect(heads.at(-1)?.headers).not.toHaveProperty('authorization');
    socket.close();
    await closed(socket);
  });

  it.each([['the client', 0], ['Appwrite', 1]])('ends on both sides when %s closes', async (_, side) => {
    const socket = join(`project=${project}`);
    await opened(socket);
    await waitFor(() => sockets.clients.size === 1, { what: 'one connection at Appwrite' });
    if (side === 0) socket.terminate();
    else for (const other of sockets.clients) other.terminate();
    await closed(socket);
    await waitFor(() => sockets.clients.size === 0, { what: 'the other side to end', withinMs: 2_000 });
    expect(sockets.clients.size).toBe(0);
  });

  it('is refused as any other request is', async () => {
    expect(await refusalOf(join(''))).toBe(403);
    expect(await refusalOf(join('project=console'))).toBe(403);
    expect(await refusalOf(join(`project=${project}&mode=admin`))).toBe(403);
    expect(await refusalOf(join(`project=${'0'.repeat(32)}`))).toBe(404);
    expect(await refusalOf(new WebSocket(`${running.url.replace('http', 'ws')}/v1/users?project=${project}`))).toBe(404);
    expect(sockets.clients.size).toBe(0);
    expect(await askRaw(running.url, `GET /v1/realtime?project=${project} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`)).toMatch(/^HTTP\/1\.1 404 .*"code":404/s);
  });

  it('is bounded for each address, and a place comes back', async () => {
    const two = [join(`project=${project}`), join(`project=${project}`)];
    await Promise.all(two.map(opened));
    expect(await refusalOf(join(`project=${project}`))).toBe(429);
    two[0]?.terminate();
    const [first] = two;
    if (first !== undefined) await closed(first);
    const again = await waitFor(async () => {
      const socket = join(`project=${project}`);
      return opened(socket).then(() => socket, () => undefined);
    }, { what: 'a place to be free', withinMs: 3_000 });
    expect(again.readyState).toBe(WebSocket.OPEN);
    for (const socket of [...two, again]) socket.terminate();
  });

  it('goes to a service of its own where Appwrite has one', async () => {
    const asked = heads.length;
    await moveInstance(studio, 'http://127.0.0.1:1/v1');
    const other = await startGateway(studio, { APPWRITE_PLATFORM_ENDPOINT: 'http://127.0.0.1:1/v1', APPWRITE_PLATFORM_REALTIME_ENDPOINT: `${upstreamUrl}/v1` });
    const socket = join(`project=${project}`, {}, other.url);
    expect(await opened(socket)).toBe('hello');
    expect(heads).toHaveLength(asked + 1);
    socket.terminate();
    await other.close();
    await moveInstance(studio, `${upstreamUrl}/v1`);
  });

  it('ends when the server stops, and is 503 while Appwrite is away', async () => {
    const other = await startGateway(studio);
    const socket = join(`project=${project}`, {}, other.url);
    await opened(socket);
    other.gateway.close();
    await closed(socket);
    await moveInstance(studio, 'http://127.0.0.1:1/v1');
    const away = await startGateway(studio);
    expect(await refusalOf(join(`project=${project}`, {}, away.url))).toBe(503);
    await Promise.all([other.close(), away.close()]);
  });
});
