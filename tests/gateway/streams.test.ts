import { createHash } from 'node:crypto';
import { request as requestHttp, type IncomingMessage, type RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestProjects } from '../projects/support';
import { waitFor } from '../support/wait-for';
import { ask, moveInstance, startGateway, startUpstream, studioWithProject, type RunningGateway, type Upstream } from './support';

const megabyte = 1024 * 1024;
const unexpected: RequestListener = (_, response) => void response.writeHead(500).end();

let studio: TestProjects;
let project: string;
let upstream: Upstream;
let running: RunningGateway;
let answer = unexpected;

beforeAll(async () => {
  ({ studio, project } = await studioWithProject());
  upstream = await startUpstream((request, response) => answer(request, response));
  await moveInstance(studio, upstream.url);
  running = await startGateway(studio, {}, { patience: { connectMs: 300, idleMs: 1_000 } });
});

beforeEach(() => {
  answer = unexpected;
});

afterAll(async () => {
  await running.close();
  await upstream.close();
  await studio.close();
});

const headers = (): Record<string, string> => ({ 'x-appwrite-project': project, 'content-type': 'application/octet-stream' });

/** A request whose body the test writes as it likes. */
function begin(method: string, path: string) {
  const { hostname, port } = new URL(running.url);
  const outgoing = requestHttp({ hostname, port, path, method, headers: headers(), agent: false });
  outgoing.on('error', () => undefined);
  return { outgoing, answered: new Promise<IncomingMessage>((resolve) => outgoing.once('response', resolve)) };
}

/** 200 MB of a pattern, written as fast as the other side takes it. */
async function writeLots(to: { write(chunk: Buffer): boolean; once(event: 'drain', heard: () => void): unknown; end(): unknown }, megabytes = 200): Promise<string> {
  const hash = createHash('sha256');
  for (let n = 0; n < megabytes; n += 1) {
    const chunk = Buffer.alloc(megabyte, n % 251);
    hash.update(chunk);
    if (!to.write(chunk)) await new Promise<void>((resolve) => void to.once('drain', resolve));
  }
  to.end();
  return hash.digest('hex');
}

/** How many megabytes are taken until nothing moves any more. */
async function takenFrom(to: { write(chunk: Buffer): boolean; once(event: 'drain', heard: () => void): unknown }): Promise<number> {
  for (let taken = 0; ; taken += 1) {
    if (taken === 200) return taken;
    if (to.write(Buffer.alloc(megabyte))) continue;
    const moved = await Promise.race([new Promise<boolean>((resolve) => void to.once('drain', () => resolve(true))), sleep(400, false)]);
    if (!moved) return taken;
  }
}

async function digest(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** How much more memory was held at worst while the work ran; both sides of it live in this process, and hold a megabyte or two. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
  const held = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const before = held();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, held());
  }, 5);
  await work();
  clearInterval(timer);
  return (most - before) / megabyte;
}

describe('bodies', () => {
  it('stream up and down, 200 MB each way, in little memory', async () => {
    let received = '';
    let sent = '';
    answer = (request, response) => {
      void (async () => {
        received = await digest(request);
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        sent = await writeLots(response);
      })();
    };
    const { outgoing, answered } = begin('POST', '/v1/x');
    let [up, down] = ['', ''];
    const growth = await growthOf(async () => {
      up = await writeLots(outgoing);
      down = await digest(await answered);
    });
    expect(up).toBe(received);
    expect(down).toBe(sent);
    console.info(`gateway: 400 MB streamed, ${Math.round(growth)} MB held at most`);
    expect(growth).toBeLessThan(100);
  });

  it('wait for a reader that does not read, in either direction', async () => {
    let offered: Promise<number> = Promise.resolve(0);
    answer = (request) => void request.pause();
    const up = begin('POST', '/v1/x');
    expect(await takenFrom(up.outgoing)).toBeLessThan(50);
    up.outgoing.destroy();

    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      offered = takenFrom(response);
    };
    const down = begin('GET', '/v1/x');
    down.outgoing.end();
    (await down.answered).pause();
    expect(await offered).toBeLessThan(50);
    down.outgoing.destroy();
  });

  it('arrive piece by piece, not at the end', async () => {
    const pieces: string[] = [];
    answer = (request, response) => {
      request.on('data', (piece: Buffer) => {
        pieces.push(piece.toString());
        response.write(`heard ${piece.toString()}`);
      });
      request.once('end', () => response.end());
    };
    const { outgoing, answered } = begin('POST', '/v1/x');
    outgoing.write('one');
    const response = await answered;
    const heard: string[] = [];
    response.on('data', (piece: Buffer) => heard.push(piece.toString()));
    await waitFor(() => heard.length === 1, { what: 'the first piece to come back' });
    outgoing.end('two');
    await new Promise((resolve) => response.once('end', resolve));
    expect([pieces, heard.join(' ')]).toEqual([['one', 'two'], 'heard one heard two']);
  });

  it('keep their length and range', async () => {
    answer = (request, response) => void request.resume().once('end', () => response.end(JSON.stringify(request.headers)));
    const { text } = await ask(running.url, '/v1/x', { method: 'POST', headers: { ...headers(), 'content-range': 'bytes 0-3/8', 'x-appwrite-id': 'f1' }, body: 'abcd' });
    expect(JSON.parse(text)).toMatchObject({ 'content-length': '4', 'content-range': 'bytes 0-3/8', 'x-appwrite-id': 'f1' });
    expect(JSON.parse(text)).not.toHaveProperty('transfer-encoding');
  });
});

describe('an end on one side', () => {
  it.each(['before the body is sent', 'before the answer', 'amid the answer'])('of the client, %s, ends the other', async (when) => {
    let closed = false;
    let reached = false;
    answer = (request, response) => {
      reached = true;
      response.once('close', () => {
        closed = true;
      });
      if (when === 'amid the answer') response.write('first');
      request.resume();
    };
    const { outgoing, answered } = begin('POST', '/v1/x');
    outgoing.write('part');
    if (when !== 'before the body is sent') outgoing.end();
    await waitFor(() => reached, { what: 'Appwrite to be asked' });
    if (when === 'amid the answer') await answered;
    outgoing.destroy();
    await waitFor(() => closed, { what: 'the connection to Appwrite to end', withinMs: 700, everyMs: 10 });
    expect(closed).toBe(true);
  });

  it('of Appwrite amid its answer is told by a cut, not by an end', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('first');
      setTimeout(() => response.destroy(), 30);
    };
    await expect(ask(running.url, '/v1/x', { headers: headers() })).rejects.toThrow('aborted');
  });

  it('of Appwrite before its answer is 503 with a time to wait', async () => {
    answer = (request) => void request.socket.destroy();
    const heard = await ask(running.url, '/v1/x', { method: 'POST', headers: headers(), body: 'x' });
    expect(JSON.parse(heard.text)).toMatchObject({ code: 503, type: 'general_service_unavailable' });
    expect(heard.headers['retry-after']).toBe('2');
    expect(heard.text).not.toContain('127.0.0.1');
  });

  it('amid a long upload is answered all the same', async () => {
    answer = (_, response) => void response.writeHead(401, { 'content-type': 'application/json' }).end('{"code":401}');
    const { outgoing, answered } = begin('POST', '/v1/x');
    outgoing.write('begin');
    const response = await answered;
    expect(response.statusCode).toBe(401);
    outgoing.destroy();
  });
});

describe('an Appwrite', () => {
  it('that answers nothing is given up after the idle time, with 504', async () => {
    answer = (request) => void request.resume();
    const startedMs = performance.now();
    const heard = await ask(running.url, '/v1/x', { headers: headers() });
    expect(JSON.parse(heard.text)).toMatchObject({ code: 504, type: 'general_gateway_timeout' });
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });

  it('that is slow but moves is waited for', async () => {
    answer = (_, response) => {
      let left = 6;
      const timer = setInterval(() => {
        left -= 1;
        if (left > 0) return void response.write('.');
        clearInterval(timer);
        return void response.end('!');
      }, 300);
    };
    expect((await ask(running.url, '/v1/x', { headers: headers() })).text).toBe('.....!');
  });

  it('that closed a kept connection is asked again where that is harmless', async () => {
    let asked = 0;
    answer = (request, response) => {
      asked += 1;
      if (asked === 2) request.socket.destroy();
      else response.end('fine');
    };
    expect((await ask(running.url, '/v1/x', { headers: headers() })).text).toBe('fine');
    await sleep(20);
    expect((await ask(running.url, '/v1/x', { headers: headers() })).text).toBe('fine');
    expect(asked).toBe(3);
  });

  it('that is down is 503', async () => {
    const down = await startUpstream(unexpected);
    await down.close();
    await moveInstance(studio, down.url);
    const other = await startGateway(studio);
    const heard = await ask(other.url, '/v1/x', { headers: { ...headers(), origin: 'https://app.example' } });
    expect(JSON.parse(heard.text)).toMatchObject({ code: 503, type: 'general_service_unavailable', message: expect.stringContaining('Try again') });
    expect(heard.headers).toMatchObject({ 'retry-after': '2', 'access-control-allow-origin': 'https://app.example' });
    await other.close();
    await moveInstance(studio, upstream.url);
  });
});
