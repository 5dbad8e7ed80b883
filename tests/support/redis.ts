import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { configured, ensureProgram } from '../../scripts/lib/programs.mjs';
import { waitFor } from './wait-for';

export interface TestRedis {
  url: string;
  stop(): Promise<void>;
}

export interface OwnRedis extends TestRedis {
  /** Stops answering but keeps its connections, as a hung server does. */
  pause(): void;
  resume(): void;
  /** Ends it at once; `start` brings an empty one back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** A real Redis: the one that REDIS_URL names, else one of our own. */
export async function testRedis(): Promise<TestRedis> {
  const url = configured('REDIS_URL');
  return url === undefined ? ownRedis() : { url, stop: async () => {} };
}

/** A Redis that a test may pause and kill. `args` as `['--user', 'app', 'on', …]` go to the server. */
export async function ownRedis(args: readonly string[] = []): Promise<OwnRedis> {
  const program = await ensureProgram('redis');
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-redis-'));
  const port = await anyFreePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess;

  async function start(): Promise<void> {
    const fixed = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'];
    server = spawn(program, [...fixed, ...args], { stdio: 'ignore' });
    await waitFor(() => accepts(port), { what: `Redis on port ${port}` });
  }

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    url,
    start,
    kill,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An answer of any kind will do: with users of its own the server wants a password even for PING. */
async function accepts(port: number): Promise<boolean> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  client.on('error', () => undefined);
  return client
    .connect()
    .then(() => client.ping())
    .then(
      () => true,
      (error: unknown) => error instanceof Error && error.message.startsWith('NOAUTH'),
    )
    .finally(() => client.disconnect());
}
