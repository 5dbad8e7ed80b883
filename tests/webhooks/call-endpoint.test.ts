import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, get } from 'node:https';
import { connect, createServer as createTcpServer, Socket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCallEndpoint } from '@/lib/webhooks/transport/call-endpoint';
import { systemNetwork, type Network } from '@/lib/webhooks/transport/guarded-socket';
import { listen } from '../support/listen';
import { loopbackHosts, privateHosts } from './refused-hosts';

const notAllowed = 'The host was not found, or leads to an address that Studio does not call because it is not public.';

const opened: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  opened.push({ server, sockets });
  return Number(new URL(await listen(server)).port);
}

/** A server that counts whoever reaches it, and every byte they send. */
async function canary(): Promise<{ port: number; reached: () => number; bytes: () => number }> {
  let [reached, bytes] = [0, 0];
  const server = createTcpServer((socket) => {
    reached += 1;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.on('error', () => undefined);
  });
  const port = await portOf(server);
  return { port, reached: () => reached, bytes: () => bytes };
}

async function endpoint(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return `http://127.0.0.1:${await portOf(createServer(answer))}`;
}

const call = (url: string) => ({ url, headers: { 'webhook-id': 'evt_1' }, body: '{"type":"webhook.test"}' });

describe('the guard', () => {
  const production = createCallEndpoint({ loopback: false, withinMs: 3_000 });

  it('reaches nothing that is not public, however it is spelled', async () => {
    const { port, reached } = await canary();
    for (const [what, host] of [...loopbackHosts, ...privateHosts]) {
      for (const scheme of ['https', 'http']) {
        const { status, error } = await production(call(`${scheme}://${host}:${port}/`));
        expect(status, what).toBeNull();
        expect(error, what).toMatch(/public addresses only|whole address|https:/);
      }
    }
    expect(reached()).toBe(0);
  });

  it('reaches no address that a public name leads to, if it is not public itself', async () => {
    const { port, reached } = await canary();
    const answers = ['127.0.0.1', '::1', '0.0.0.0', '::', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', 'fd00:ec2::254', 'fe80::1', '192.168.0.1', '100.64.0.1'];
    for (const address of answers) {
      for (const all of [[address], ['93.184.216.34', address], [address, '93.184.216.34']]) {
        const connected: string[] = [];
        const network: Network = { resolve: () => Promise.resolve(all), connect: (options) => (connected.push(options.host), connect({ host: '127.0.0.1', port })) };
        for (const loopback of [false, true]) {
          expect(await createCallEndpoint({ loopback, network, withinMs: 2_000 })(call('https://hooks.example.com/')), all.join()).toEqual({ status: null, error: notAllowed, durationMs: null });
        }
        expect(connected).toEqual([]);
      }
    }
    expect(reached()).toBe(0);
  });

  it('asks the resolver once and connects to what was checked: a name that leads elsewhere the second time gains nothing', async () => {
    const { port, reached } = await canary();
    let asked = 0;
    const connected: string[] = [];
    const rebinding: Network = {
      resolve: () => Promise.resolve(asked++ === 0 ? ['93.184.216.34'] : ['127.0.0.1']),
      connect: (options) => {
        connected.push(options.host);
        // As the network would: nobody answers at the public address, this machine does at its own.
        return options.host === '93.184.216.34' ? connect({ host: '127.0.0.1', port: 1 }) : connect({ host: options.host, port });
      },
    };
    const outcome = await createCallEndpoint({ loopback: false, network: rebinding, withinMs: 2_000 })(call('https://rebind.example.com/'));
    expect(outcome).toMatchObject({ status: null, error: 'No connection could be made to the endpoint.' });
    expect([asked, connected, reached()]).toEqual([1, ['93.184.216.34'], 0]);
  });

  it('looks where the socket ended up, before a byte leaves', async () => {
    const { port, reached, bytes } = await canary();
    const diverted: Network = { resolve: () => Promise.resolve(['93.184.216.34']), connect: () => connect({ host: '127.0.0.1', port }) };
    const outcome = await createCallEndpoint({ loopback: false, network: diverted, withinMs: 2_000 })(call('https://hooks.example.com/'));
    expect(outcome).toEqual({ status: null, error: notAllowed, durationMs: null });
    await sleep(100);
    expect([reached(), bytes()]).toEqual([1, 0]);
  });

  it('says the same of a name that nobody has and of one that leads inside', async () => {
    const unknown: Network = { ...systemNetwork, resolve: () => Promise.reject(new Error('getaddrinfo ENOTFOUND hooks.example.com')) };
    expect(await createCallEndpoint({ loopback: false, network: unknown })(call('https://hooks.example.com/'))).toEqual({ status: null, error: notAllowed, durationMs: null });
  });

  it('uses no proxy that the environment names', async () => {
    const { port, reached } = await canary();
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'NODE_USE_ENV_PROXY'];
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : `http://127.0.0.1:${port}`;
    try {
      const url = await endpoint((_, response) => response.end());
      expect(await createCallEndpoint({ loopback: true })(call(url))).toMatchObject({ status: 200 });
    } finally {
      for (const name of names) delete process.env[name];
    }
    expect(reached()).toBe(0);
  });
});

describe('a call', () => {
  const local = createCallEndpoint({ loopback: true, withinMs: 700 });

  it('is one POST with the body and headers as they are, and closes', async () => {
    const seen: unknown[] = [];
    const url = await endpoint((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers['webhook-id'], request.headers.host, request.headers.connection, body]);
        response.writeHead(204).end();
      });
    });
    const outcome = await local(call(`${url}/hook?key=1`));
    expect(outcome).toMatchObject({ status: 204, error: null });
    expect(seen).toEqual([['POST', '/hook?key=1', 'evt_1', new URL(url).host, 'close', '{"type":"webhook.test"}']]);
  });

  it('finds this machine by its name too', async () => {
    const url = await endpoint((_, response) => response.end());
    expect(await local(call(url.replace('127.0.0.1', 'localhost')))).toMatchObject({ status: 200, error: null });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %s', async (status) => {
    const { port, reached } = await canary();
    const url = await endpoint((_, response) => response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end());
    expect(await local(call(url))).toMatchObject({ status, error: expect.stringContaining('Studio follows no redirects') });
    expect(reached()).toBe(0);
  });

  it.each([400, 404, 410, 429, 500, 503])('is no success with %s', async (status) => {
    const url = await endpoint((_, response) => response.writeHead(status).end('a secret of the endpoint'));
    const { error } = await local(call(url));
    expect(error).toContain(`answered ${status}`);
    expect(error).not.toContain('secret');
  });

  it.each([
    ['takes the connection and says nothing', () => undefined],
    ['sends its head letter by letter', (socket: { write: (text: string) => void; destroyed: boolean }) => void drip(socket, 'HTTP/1.1 200 OK\r\nx: ')],
  ])('is cut off when the endpoint %s', async (_, act) => {
    const port = await portOf(createTcpServer((socket) => {
      socket.on('error', () => undefined);
      act(socket);
    }));
    const startedMs = performance.now();
    expect(await local(call(`http://127.0.0.1:${port}/`))).toEqual({ status: null, error: 'The endpoint did not answer within 15 seconds.', durationMs: null });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(690);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  it('is cut off when the resolver hangs, or the connection', async () => {
    const resolve = () => Promise.resolve(['93.184.216.34']);
    for (const network of [{ ...systemNetwork, resolve: () => new Promise<string[]>(() => undefined) }, { resolve, connect: () => new Socket() }]) {
      const startedMs = performance.now();
      expect(await createCallEndpoint({ loopback: false, network, withinMs: 300 })(call('https://hooks.example.com/'))).toEqual({ status: null, error: 'The endpoint did not answer within 15 seconds.', durationMs: null });
      expect(performance.now() - startedMs).toBeLessThan(1_500);
    }
  });

  it('counts by the head of the answer: a body without end is cut off and changes nothing', async () => {
    const url = await endpoint((_, response) => {
      response.writeHead(200);
      void drip({ write: (text) => void response.write(text), get destroyed() { return response.destroyed; } }, '.');
    });
    const outcome = await local(call(url));
    expect(outcome).toMatchObject({ status: 200, error: null });
    expect(outcome.durationMs).toBeLessThan(1_500);
  });

  it('reads at most about 64 kB of an answer', async () => {
    let sent = 0;
    const url = await endpoint((_, response) => {
      const chunk = Buffer.alloc(16_384, 'x');
      const more = () => {
        while (!response.destroyed && sent < 200_000_000) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    });
    expect(await local(call(url))).toMatchObject({ status: 200, error: null });
    // Read there are four pieces; what the kernel holds between the two is more than that.
    expect(sent).toBeLessThan(20_000_000);
  });

  it('tells of an answer that breaks off, or is no HTTP', async () => {
    for (const text of ['HTTP/1.1 200', 'SSH-2.0-OpenSSH_9.6\r\n', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`]) {
      const port = await portOf(createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(text));
      }));
      expect(await local(call(`http://127.0.0.1:${port}/`))).toMatchObject({ status: null, error: 'The connection ended before there was an answer.' });
    }
  });
});

async function drip(socket: { write: (text: string) => void; destroyed: boolean }, start: string): Promise<void> {
  socket.write(start);
  while (!socket.destroyed) {
    await sleep(50);
    if (!socket.destroyed) socket.write('.');
  }
}

describe('TLS', () => {
  let folder: string;
  let pair: { key: string; cert: string };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'webhook-tls-'));
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']);
    pair = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is verified, whatever the environment says: nothing is sent to a server that nobody vouches for', async () => {
    let asked = 0;
    const port = await portOf(createSecureServer(pair, (_, response) => {
      asked += 1;
      response.end();
    }));
    const url = `https://localhost:${port}/`;
    // The server itself is sound: somebody who knows its certificate is answered.
    const status = await new Promise((resolve, reject) => {
      get(url, { ca: pair.cert, agent: false }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
    });
    expect([status, asked]).toEqual([200, 1]);
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await createCallEndpoint({ loopback: true })(call(url))).toMatchObject({ status: null, error: expect.stringContaining('No secure connection could be made') });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
    expect(asked).toBe(1);
  });
});
