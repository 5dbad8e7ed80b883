import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { pino } from 'pino';
import type { Composition } from '@/lib/composition';
import { createGateway, type Gateway } from '@/lib/gateway/gateway';
import { appwriteIdOf, readyProject, testProjects, type TestProjects } from '../projects/support';
import { testComposition } from '../support/api';
import { listen } from '../support/listen';

type GatewayOptions = Parameters<typeof createGateway>[1];

export interface RunningGateway {
  url: string;
  gateway: Gateway;
  server: Server;
  /** What it logged, each line as it was written. */
  lines: string[];
  close(): Promise<void>;
}

/** A gateway on a port of its own, as `server.ts` mounts it. */
export async function startGateway(studio: TestProjects, environment: Record<string, string> = {}, options: GatewayOptions = {}, changes: Partial<Composition['ports']> = {}): Promise<RunningGateway> {
  const lines: string[] = [];
  const composition = testComposition({ ...studio, organization: studio.newOrganization }, environment, changes);
  const gateway = createGateway({ ...composition, log: pino({ level: 'info' }, { write: (line) => lines.push(line) }) }, options);
  const server = createServer((incoming, response) => {
    if (gateway.takes(incoming)) void gateway.answer(incoming, response);
    else response.writeHead(418).end('studio');
  });
  server.on('upgrade', (incoming, socket, head) => void gateway.upgrade(incoming, socket, head));
  const url = await listen(server);
  return { url, gateway, server, lines, close: () => end(server, () => gateway.close()) };
}

export interface Upstream {
  url: string;
  server: Server;
  /** The head of each request that reached it. */
  heads: { method: string; url: string; headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** A server in Appwrite's place that a test writes by hand. */
export async function startUpstream(answer: RequestListener): Promise<Upstream> {
  const heads: Upstream['heads'] = [];
  const server = createServer((incoming, response) => {
    heads.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers });
    answer(incoming, response);
  });
  return { url: `${await listen(server)}/v1`, server, heads, close: () => end(server) };
}

function end(server: Server, before: () => void = () => undefined): Promise<void> {
  before();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A studio with one project that is ready. */
export async function studioWithProject(): Promise<{ studio: TestProjects; id: string; project: string }> {
  const studio = await testProjects();
  const { id } = await readyProject(studio, 'Gateway');
  return { studio, id, project: await appwriteIdOf(studio, id) };
}

/** Lets the studio's projects be served by another address. */
export async function moveInstance(studio: TestProjects, endpoint: string): Promise<void> {
  await studio.raw('update appwrite_instances set endpoint = $1 where id = $2', [endpoint, studio.instanceId]);
}

export interface Heard {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface Said {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Asks as it is written: `fetch` would tidy addresses and headers up. */
export function ask(base: string, path: string, { method = 'GET', headers = {}, body }: Said = {}): Promise<Heard> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers, agent: false }, (response) => void heard(response).then(resolve, reject));
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function heard(response: IncomingMessage): Promise<Heard> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

/** Writes bytes to the server and answers everything that comes back until it closes. */
export function askRaw(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
  });
}
