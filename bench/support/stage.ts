import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { ownRedis, type OwnRedis } from '@/tests/support/redis';
import { answers } from '@/tests/support/wait-for';
import { removePostgres, startPostgres, type RunningPostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { nodeFlags } from '../../scripts/lib/node-flags.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { openWorld, type World } from './data';
import { dropKept, keptDatabase, type Databases } from './kept-database';
import { launch, type Running } from './processes';
import { readThrough } from './read-through';

export const root = path.resolve(import.meta.dirname, '../..');

export interface Server extends Running {
  url: string;
}

/** What all rows share: one Postgres, one Redis, and ways to start the processes under test on them. */
export interface Stage {
  postgres: RunningPostgres;
  redis: OwnRedis;
  /** A folder of this run, for logs and generated files. */
  scratch: string;
  /** How often each contest is repeated, and for how long each time. */
  rounds: number;
  seconds: number;
  /** The same for curves, which have many points: what the machine does lasts longer than half a second, and strikes neighbours alike. */
  growth: { rounds: number; seconds: number };
  soakMinutes: number;
  /** Sizes of a curve: all of them, and without the largest in a quick run. */
  sizes(...all: number[]): number[];
  /** Another database that is made once and kept with the data; `forget` gives its disk back when nothing is to be kept. */
  kept(kind: string, fill: (client: pg.Client) => Promise<void>): Promise<Databases>;
  forget(kind: string): Promise<void>;
  /** Reads all data once. Without it the largest size is measured by the disk: new ids lie anywhere in an index. */
  warm(): Promise<void>;
  world(organizations: number): Promise<World>;
  /** The variables of Studio's processes on a world. */
  environment(world: Databases, url: string): Record<string, string>;
  /** The real server of the build. */
  studio(world: Databases, extra?: Record<string, string>): Promise<Server>;
  /** The same build behind `next start`: the API then answers through a route handler of Next. */
  nextOnly(world: Databases): Promise<Server>;
  /** A Next app that is built already, on a world. */
  nextApp(folder: string, world: Databases): Promise<Server>;
  /** A program of `bench/floors`, which listens on `PORT` and says when it is ready. */
  floor(name: string, world: Databases): Promise<Server>;
  process(name: string, args: readonly string[], env: Record<string, string>): Promise<Running>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Where the database is kept between runs; made for this run and removed when absent. */
  dataDir?: string;
  quick: boolean;
  /** How long it is soaked; half an hour when absent, and a minute in a quick run. */
  soakMinutes?: number;
}

/** Studio does not start on data that was sealed with keys it does not have, so they are kept with the data. */
async function keptKeys(folder: string): Promise<string> {
  const file = path.join(folder, 'encryption-keys');
  if (!existsSync(file)) {
    if (existsSync(path.join(folder, 'postgres.json'))) throw new Error(`${folder} holds data without the keys it was sealed with. Remove the folder, and it is made anew.`);
    await writeFile(file, `k1:${randomBytes(32).toString('base64')}`, { mode: 0o600 });
  }
  return readFile(file, 'utf8');
}

export async function openStage({ dataDir, quick, soakMinutes = quick ? 1 : 30 }: StageOptions): Promise<Stage> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'studio-bench-'));
  const postgresDir = dataDir ?? path.join(scratch, 'data');
  await mkdir(postgresDir, { recursive: true });
  const encryptionKeys = await keptKeys(postgresDir);
  const postgres = await startPostgres({ dataDir: postgresDir, port: await anyFreePort() });
  const redis = await ownRedis();
  const worlds = new Map<number, Promise<World>>();
  const running = new Set<Running>();

  function keep<Process extends Running>(started: Process): Process {
    const stop = async () => {
      await started.stop();
      running.delete(kept);
    };
    const kept = { ...started, stop };
    running.add(kept);
    return kept;
  }

  const environment = (world: Databases, url: string): Record<string, string> => ({
    STUDIO_MODE: 'local',
    STUDIO_URL: url,
    STUDIO_ENCRYPTION_KEYS: encryptionKeys,
    STUDIO_DATA_DIR: scratch,
    HOST: '127.0.0.1',
    PORT: new URL(url).port,
    DATABASE_URL: world.appUrl,
    DATABASE_JOBS_URL: world.jobsUrl,
    REDIS_URL: redis.url,
    SMTP_URL: 'smtp://127.0.0.1:9',
    // Counted as always, but out of reach: a bench is more than one caller's share.
    RATE_LIMIT_PER_MINUTE: '1000000000',
    ATTEMPT_LIMIT_FACTOR: '100000',
  });

  async function server(name: string, args: readonly string[], world: Databases, extra: Record<string, string> = {}): Promise<Server> {
    const url = `http://127.0.0.1:${await anyFreePort()}`;
    const env = { ...environment(world, url), ...extra };
    const started = await launch({ name, args, cwd: root, env, logFolder: scratch, isReady: () => answers(`${url}/ready`) });
    return keep({ ...started, url });
  }

  async function nextStart(name: string, cwd: string, ready: string, env: (url: string) => Record<string, string>): Promise<Server> {
    const port = String(await anyFreePort());
    const url = `http://127.0.0.1:${port}`;
    const args = [path.join(root, 'node_modules/next/dist/bin/next'), 'start', '--hostname', '127.0.0.1', '--port', port];
    const started = await launch({ name, args, cwd, env: env(url), logFolder: scratch, isReady: () => answers(url + ready) });
    return keep({ ...started, url });
  }

  return {
    postgres,
    redis,
    scratch,
    rounds: quick ? 3 : 5,
    seconds: quick ? 1.5 : 3,
    soakMinutes,
    growth: quick ? { rounds: 8, seconds: 0.5 } : { rounds: 32, seconds: 0.5 },
    sizes: (...all) => (quick ? all.slice(0, -1) : all),
    kept: (kind, fill) => keptDatabase(postgres, kind, fill),
    forget: async (kind) => {
      if (dataDir === undefined) await dropKept(postgres, kind);
    },
    warm: () => readThrough(path.join(postgres.location, 'cluster/base')),
    environment,
    world(organizations) {
      const known = worlds.get(organizations) ?? openWorld(postgres, organizations);
      worlds.set(organizations, known);
      return known;
    },
    studio: (world, extra) => server('studio', [...nodeFlags('server'), 'dist/server.js'], world, extra),
    nextOnly: async (world) => nextStart('next-only', root, '/sign-in', (url) => environment(world, url)),
    nextApp: (folder, world) => nextStart('next-bare', folder, '/bare', (url) => environment(world, url)),
    floor: (name, world) => server(`floor-${name}`, ['--import', 'tsx', `bench/floors/${name}.ts`], world),
    process: async (name, args, env) => keep(await launch({ name, args, cwd: root, env, logFolder: scratch })),
    async close() {
      await Promise.all([...running].map((process) => process.stop()));
      await redis.stop();
      await (dataDir === undefined ? removePostgres(postgresDir) : postgres.stop());
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
