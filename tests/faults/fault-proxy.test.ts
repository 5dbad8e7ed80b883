import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxyFor, type FaultProxy } from '../support/fault-proxy';
import { figure } from '../support/figure';
import { listen } from '../support/listen';
import { waitFor } from '../support/wait-for';

const toxics = ['slow', 'hang', 'blackhole', 'slowClose', 'cutAnswers', 'down', 'reset', 'halfOpen'] as const;

/** Answers every piece of data with itself, and keeps what it got. */
let server: Server;
let received: string[];
let serverSockets: Set<Socket>;
let proxy: FaultProxy;

beforeAll(async () => {
  received = [];
  serverSockets = new Set();
  server = createServer((socket) => {
    serverSockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => serverSockets.delete(socket));
    socket.on('data', (chunk) => {
      received.push(chunk.toString());
      if (chunk.toString() === 'bye') socket.end();
      else socket.write(chunk);
    });
  });
  proxy = await startFaultProxyFor(await listen(server));
});

afterEach(() => {
  proxy.heal();
  received = [];
});

afterAll(async () => {
  await proxy.close();
  server.close();
});

interface Client {
  socket: Socket;
  /** Everything that was answered so far. */
  heard(): string;
  /** `open`, `ended` by the other side, or the code of the error. */
  fate(): string;
}

async function dial(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  let heard = '';
  let fate = 'open';
  socket.on('data', (chunk) => (heard += chunk.toString()));
  socket.on('end', () => (fate = fate === 'open' ? 'ended' : fate));
  socket.on('error', (error) => (fate = 'code' in error ? String(error.code) : error.message));
  socket.on('close', () => (fate = fate === 'open' ? 'closed' : fate));
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  return { socket, heard: () => heard, fate: () => fate };
}

/** Asks and waits for the answer. @returns how long it took, in milliseconds */
async function echo(client: Client, text: string): Promise<number> {
  const began = performance.now();
  const before = client.heard();
  client.socket.write(text);
  await waitFor(() => client.heard() === before + text, { what: `the answer to ${text}`, withinMs: 3_000, everyMs: 2 });
  return performance.now() - began;
}

const shown = new Set<(typeof toxics)[number]>();

describe('the fault proxy', () => {
  it('passes everything on when nothing is wrong', async () => {
    const client = await dial();
    expect(await echo(client, 'hello')).toBeLessThan(200);
    client.socket.destroy();
    await waitFor(() => serverSockets.size === 0, { what: 'the server to hear of the end' });
  });

  it('slow: each way takes longer, within the jitter, and nothing is overtaken', async () => {
    const client = await dial();
    proxy.slow(60, 40);
    const times: number[] = [];
    for (let n = 0; n < 5; n += 1) times.push(await echo(client, `${n}`));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(118);
    expect(Math.max(...times)).toBeGreaterThan(Math.min(...times));
    for (const letter of 'abcdefgh') {
      client.socket.write(letter);
      await sleep(5);
    }
    await waitFor(() => client.heard().endsWith('h'), { what: 'all letters' });
    expect(client.heard()).toBe('01234abcdefgh');
    client.socket.destroy();
    shown.add('slow');
  });

  it('hang: nothing passes, and what was held back arrives afterwards', async () => {
    const [old, fresh] = [await dial(), proxy];
    fresh.hang();
    const late = await dial();
    old.socket.write('one');
    late.socket.write('two');
    await sleep(150);
    expect([received, old.fate(), late.fate()]).toEqual([[], 'open', 'open']);
    proxy.heal();
    await waitFor(() => old.heard() === 'one' && late.heard() === 'two', { what: 'both answers' });
    for (const { socket } of [old, late]) socket.destroy();
    shown.add('hang');
  });

  it('blackhole: takes connections and data, never answers, and what it took is lost', async () => {
    const old = await dial();
    proxy.blackhole();
    const fresh = await dial();
    for (const { socket } of [old, fresh]) socket.write('into the dark');
    await sleep(150);
    expect([received, old.fate(), fresh.fate(), old.socket.bytesWritten, old.socket.writableLength]).toEqual([[], 'open', 'open', 13, 0]);
    proxy.heal();
    await waitFor(() => old.fate() !== 'open' && fresh.fate() !== 'open', { what: 'both to be cut' });
    expect([received, old.heard()]).toEqual([[], '']);
    expect(await echo(await dial(), 'back')).toBeLessThan(200);
    shown.add('blackhole');
  });

  it('slowClose: the other side learns later that it is over', async () => {
    const client = await dial();
    await echo(client, 'x');
    proxy.slowClose(200);
    const began = performance.now();
    client.socket.write('bye');
    await waitFor(() => client.fate() !== 'open', { what: 'the end', everyMs: 2 });
    expect(performance.now() - began).toBeGreaterThanOrEqual(190);
    shown.add('slowClose');
  });

  it('cutAnswers: the request arrives, its answer does not; others are left alone', async () => {
    proxy.cutAnswers(/^POST /);
    const [reader, writer] = [await dial(), await dial()];
    await echo(reader, 'GET /a');
    writer.socket.write('POST /a');
    await waitFor(() => writer.fate() !== 'open', { what: 'the cut' });
    expect([received, writer.heard(), writer.fate(), reader.fate()]).toEqual([['GET /a', 'POST /a'], '', 'ECONNRESET', 'open']);
    reader.socket.destroy();
    shown.add('cutAnswers');
  });

  it('down: connections are cut and new ones refused', async () => {
    const old = await dial();
    proxy.down();
    const fresh = await dial();
    await waitFor(() => old.fate() !== 'open' && fresh.fate() !== 'open', { what: 'both to be cut' });
    expect([old.fate(), fresh.fate()]).toEqual(['ECONNRESET', 'ECONNRESET']);
    await waitFor(() => serverSockets.size === 0, { what: 'the server to hear of it' });
    shown.add('down');
  });

  it('reset: connections are cut once', async () => {
    const old = await dial();
    await echo(old, 'x');
    proxy.reset();
    await waitFor(() => old.fate() === 'ECONNRESET', { what: 'the cut' });
    await echo(await dial(), 'again');
    shown.add('reset');
  });

  it('halfOpen: the server has lost the connection and the client does not know', async () => {
    const client = await dial();
    await echo(client, 'x');
    proxy.halfOpen();
    await waitFor(() => serverSockets.size === 0, { what: 'the server to lose it' });
    client.socket.write('anybody there?');
    await sleep(150);
    expect([client.fate(), client.heard(), received]).toEqual(['open', 'x', ['x']]);
    await echo(await dial(), 'new');
    proxy.heal();
    await waitFor(() => client.fate() !== 'open', { what: 'the client to be told' });
    shown.add('halfOpen');
  });

  it('does what each of its faults says', (context) => {
    figure(context, { requirements: ['P7', 'F1'], what: 'Faults of the TCP proxy shown to do what they say', reached: `${shown.size} of ${toxics.length}`, bound: `${toxics.length}`, pass: toxics.every((toxic) => shown.has(toxic)) });
  });
});
