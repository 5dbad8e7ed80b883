import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { nodeFlags } from '../../scripts/lib/node-flags.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { configured } from '../../scripts/lib/programs.mjs';
import { mailboxAt } from './mailbox';
import { migratedDatabase, testDatabase, type TestDatabase } from './postgres';
import { waitFor } from './wait-for';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface StudioOptions {
  servers?: number;
  workers?: number;
  redisUrl?: string;
  /** Variables for all processes, over those made here; a function where they depend on the database. */
  env?: Record<string, string> | ((database: TestDatabase) => Promise<Record<string, string>>);
  /** Variables of one server alone. */
  serverEnv?: (n: number) => Record<string, string>;
}

export interface StudioProcess {
  readonly pid: number;
  /** Settles with the exit code when the process is gone, however that came. */
  readonly ended: Promise<number | null>;
  /** What it printed so far, for assertions on logs. */
  output(): Promise<string>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Asks it to end. @returns its exit code */
  stop(): Promise<number | null>;
}

export type RunningStudio = Awaited<ReturnType<typeof startStudio>>;

/** The whole product from `dist/` as real processes on free ports, with databases of its own. */
export async function startStudio({ servers = 1, workers = 1, redisUrl, env: overrides = {}, serverEnv = () => ({}) }: StudioOptions = {}) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'studio-app-'));
  const [database, appwriteDatabase] = [await migratedDatabase(), await testDatabase()];
  const ports = { appwrite: await anyFreePort(), smtp: await anyFreePort(), mailbox: await anyFreePort(), railway: await anyFreePort() };
  const urls: string[] = [];
  for (let n = 0; n < servers; n += 1) urls.push(`http://127.0.0.1:${await anyFreePort()}`);
  const url = urls[0] ?? '';
  const env: Record<string, string> = {
    STUDIO_MODE: 'local',
    STUDIO_URL: url,
    STUDIO_DATA_DIR: dataDir,
    STUDIO_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    HOST: '127.0.0.1',
    DATABASE_URL: database.appUrl,
    DATABASE_JOBS_URL: database.jobsUrl,
    APPWRITE_PLATFORM_ENDPOINT: `http://127.0.0.1:${ports.appwrite}/v1`,
    APPWRITE_PLATFORM_EMAIL: 'platform@studio.local',
    APPWRITE_PLATFORM_PASSWORD: 'platform-password',
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    LOCAL_APPWRITE_DATABASE_URL: appwriteDatabase.ownerUrl,
    LOCAL_APPWRITE_PORT: String(ports.appwrite),
    LOCAL_APPWRITE_FAULTS: 'true',
    RAILWAY_API_URL: `http://127.0.0.1:${ports.railway}/graphql/v2`,
    LOCAL_RAILWAY_PORT: String(ports.railway),
    LOCAL_RAILWAY_TOKEN: 'local-railway-token-for-tests',
    LOCAL_RAILWAY_FAULTS: 'true',
    LOCAL_SMTP_PORT: String(ports.smtp),
    LOCAL_MAILBOX_PORT: String(ports.mailbox),
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    ...(typeof overrides === 'function' ? await overrides(database) : overrides),
  };
  const running = new Set<StudioProcess>();

  async function start(name: string, extra: Record<string, string> = {}): Promise<StudioProcess> {
    const child = launch(name, { ...env, ...extra }, path.join(dataDir, `${name}-${randomBytes(4).toString('hex')}.log`));
    running.add(child.handle);
    await waitFor(() => child.failure() ?? child.ready(), { what: `${name} to be ready`, withinMs: 60_000 });
    const failure = child.failure();
    if (failure !== undefined) throw new Error(`${name} ${failure}:\n${await child.handle.output()}`);
    return child.handle;
  }

  const startWorker = (extra?: Record<string, string>) => start('worker', extra);
  const startServer = (n = 0, extra: Record<string, string> = {}) => {
    const address = new URL(urls[n] ?? url);
    return start('server', { PORT: address.port, ...serverEnv(n), ...extra });
  };

  async function stop(): Promise<void> {
    await Promise.all([...running].map((child) => child.kill()));
    await database.drop();
    await appwriteDatabase.drop();
    await rm(dataDir, { recursive: true, force: true });
  }

  try {
    const cloud = await start('local-cloud');
    const [serverProcesses, workerProcesses] = await Promise.all([
      Promise.all(urls.map((_, n) => startServer(n))),
      Promise.all(Array.from({ length: workers }, () => startWorker())),
    ]);
    return {
      url,
      urls,
      database,
      dataDir,
      appwriteUrl: `http://127.0.0.1:${ports.appwrite}/v1`,
      railwayUrl: `http://127.0.0.1:${ports.railway}/graphql/v2`,
      mailbox: mailboxAt(`http://127.0.0.1:${ports.mailbox}`),
      cloud,
      servers: serverProcesses,
      workers: workerProcesses,
      startServer,
      startWorker,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function launch(name: string, env: Record<string, string>, logFile: string) {
  const child: ChildProcess = spawn(process.execPath, [...nodeFlags(name), `dist/${name}.js`], {
    cwd: root,
    env: { PATH: configured('PATH') ?? '', NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile, { mode: 0o600 });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  let ready = false;
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      ready ||= line.startsWith('{') && line.includes('"msg":"ready"');
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      log.end();
      resolve(code);
    });
    child.once('error', () => resolve(null));
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const handle: StudioProcess = {
    pid: child.pid ?? 0,
    ended,
    async output() {
      if (hasEnded()) await finished(log);
      return readFile(logFile, 'utf8');
    },
    async kill() {
      if (!hasEnded()) child.kill('SIGKILL');
      await ended;
    },
    signal: (signal) => void child.kill(signal),
    async stop() {
      if (!hasEnded()) child.kill('SIGTERM');
      return ended;
    },
  };
  return {
    handle,
    ready: () => ready,
    failure: () => (hasEnded() ? `ended with ${child.exitCode ?? child.signalCode}` : undefined),
  };
}
