import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { configured, ensureProgram } from '../../scripts/lib/programs.mjs';
import { readCompose } from '../support/compose';
import { waitFor } from '../support/wait-for';

let folder: string;
let gateway: ChildProcess;
let port: number;
const upstreams: Server[] = [];

/** A server that says its name and which client address it was told. */
async function upstream(name: string): Promise<string> {
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.once('end', () => response.end(JSON.stringify({ name, forwarded: incoming.headers['x-forwarded-for'] })));
  });
  upstreams.push(server);
  const upstreamPort = await anyFreePort();
  await new Promise<void>((resolve) => server.listen(upstreamPort, '127.0.0.1', resolve));
  return `127.0.0.1:${upstreamPort}`;
}

function ask(host: string, target: string, { headers = {} }: { headers?: Record<string, string> } = {}) {
  return new Promise<{ status: number; name: string | undefined; forwarded: string | undefined }>((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path: target, headers: { host: `${host}:${port}`, ...headers } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.once('end', () => {
        const said = text.startsWith('{') ? JSON.parse(text) : {};
        resolve({ status: response.statusCode ?? 0, name: said.name, forwarded: said.forwarded });
      });
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

beforeAll(async () => {
  const program = configured('CADDY_PATH') ?? (await ensureProgram('caddy'));
  const { compose } = await readCompose();
  folder = await mkdtemp(path.join(tmpdir(), 'studio-gateway-'));
  port = await anyFreePort();
  const file = path.join(folder, 'Caddyfile');
  const text = (compose.configs.gateway?.content ?? '')
    .replace('studio:3000', await upstream('studio'))
    .replace('appwrite-realtime:80', await upstream('realtime'))
    .replace('appwrite:80', await upstream('appwrite'))
    .replace('auto_https', 'admin off\n  auto_https');
  await writeFile(file, text);
  gateway = spawn(program, ['run', '--config', file, '--adapter', 'caddyfile'], {
    stdio: 'ignore',
    env: { NODE_ENV: 'production', HOME: folder, PUBLIC_URL: `http://studio.localhost:${port}`, APPWRITE_PUBLIC_URL: `http://appwrite.localhost:${port}` },
  });
  await waitFor(() => ask('studio.localhost', '/').then(Boolean, () => false), { what: 'the gateway' });
});

afterAll(async () => {
  const ended = new Promise((resolve) => gateway.once('exit', resolve));
  gateway.kill('SIGKILL');
  await ended;
  for (const server of upstreams) server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the gateway', () => {
  it('leads each host name to its product', async () => {
    expect((await ask('studio.localhost', '/api/health')).name).toBe('studio');
    expect((await ask('appwrite.localhost', '/v1/databases')).name).toBe('appwrite');
    expect((await ask('appwrite.localhost', '/v1/realtime?project=p')).name).toBe('realtime');
    expect((await ask('appwrite.localhost', '/')).status).toBe(404);
    expect((await ask('other.localhost', '/v1/databases')).name).toBeUndefined();
  });

  it.each([
    ['/console', {}],
    ['/v1/console/variables', {}],
    ['/v1/projects', {}],
    ['/v1/projects/p/keys', {}],
    ['/v1/organization/projects', {}],
    ['/v1/account', { 'X-Appwrite-Project': 'console' }],
    ['/v1/account', { 'x-appwrite-project': 'console' }],
    ['/v1/users', { 'X-Appwrite-Project': 'p', 'X-Appwrite-Mode': 'admin' }],
    ['/v1/account?project=console', {}],
    ['/v1/storage/buckets/b/files/f/view?project=p&mode=admin', {}],
    ['/v1/realtime?project=console', {}],
  ])('keeps the administration of Appwrite inside: %s %o', async (target, headers) => {
    expect(await ask('appwrite.localhost', target, { headers })).toEqual({ status: 404, name: undefined, forwarded: undefined });
  });

  it('tells Studio the real address of a client, whatever the client claims', async () => {
    const { forwarded } = await ask('studio.localhost', '/', { headers: { 'X-Forwarded-For': '203.0.113.7' } });
    expect(forwarded).toBe('127.0.0.1');
  });
});
