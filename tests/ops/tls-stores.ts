import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { removePostgres, startPostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { postgresUser } from '../../scripts/lib/postgres-user.mjs';
import { ensureProgram } from '../../scripts/lib/programs.mjs';
import type { Compose } from '../support/compose';
import { waitFor } from '../support/wait-for';
import { makeCertificates, type Certificates } from './certificates';

export interface TlsStores {
  certificates: Certificates;
  /** Where the stores listen on this machine, by their names in docker-compose.yml. */
  ports: Record<'postgres' | 'redis', number>;
  /** Where Redis listens without TLS, if its command lets it. */
  plainPort: number;
  /** What a command of docker-compose.yml is on this machine: its files lie elsewhere. */
  located(command: readonly string[]): string[];
  stop(): Promise<void>;
}

/** Postgres and Redis with the commands, files and certificates of docker-compose.yml, on ports of this machine. */
export async function startTlsStores(compose: Compose): Promise<TlsStores> {
  const user = await postgresUser();
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-stores-'));
  await chmod(folder, 0o755);
  const certificates = await makeCertificates(compose, user?.uid ?? process.getuid?.() ?? 0);
  const ports = { postgres: await anyFreePort(), redis: await anyFreePort() };
  const plainPort = await anyFreePort();
  const files = { '/etc/postgresql/pg_hba.conf': 'postgres-access', '/etc/redis/users.acl': 'redis-users' };
  const places = new Map([['/tls', certificates.folder]]);
  for (const [target, source] of Object.entries(files)) {
    const file = path.join(folder, source);
    await writeFile(file, compose.configs[source]?.content ?? '', { mode: 0o644 });
    places.set(target, file);
  }
  const located = (command: readonly string[]) => command.map((part) => [...places].reduce((text, [from, to]) => text.replaceAll(from, to), part));

  const cluster = await makeCluster(compose);
  const [, ...postgresArgs] = located(compose.services.postgres?.command ?? []);
  const own = ['-D', cluster.folder, '-c', `port=${ports.postgres}`, '-c', 'listen_addresses=127.0.0.1'];
  const postgres = spawn(cluster.program, [...own, ...postgresArgs], {
    stdio: 'ignore', cwd: cluster.location, env: { NODE_ENV: 'test', LC_ALL: 'C', TZ: 'UTC' },
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  const [, ...redisArgs] = located(compose.services.redis?.command ?? []);
  const here = new Map([['--tls-port', ports.redis], ['--port', plainPort]]);
  const at = redisArgs.map((arg, index) => (arg === '0' ? arg : String(here.get(redisArgs[index - 1] ?? '') ?? arg)));
  const redis = spawn(await ensureProgram('redis'), [...at, '--bind', '127.0.0.1', '--dir', folder], { stdio: 'ignore' });
  await waitFor(async () => (await listens(ports.postgres)) && (await listens(ports.redis)), { what: 'Postgres and Redis with TLS' });

  return {
    certificates, ports, plainPort, located,
    async stop() {
      await Promise.all([ended(postgres, 'SIGINT'), ended(redis, 'SIGKILL')]);
      await removePostgres(cluster.dataDir);
      await Promise.all([certificates.remove(), rm(cluster.dataDir, { recursive: true, force: true }), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** A cluster whose roles have the passwords of docker-compose.yml; stopped, so that its command can start it. */
async function makeCluster(compose: Compose): Promise<{ dataDir: string; location: string; folder: string; program: string }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'studio-tls-postgres-'));
  const running = await startPostgres({ dataDir, port: await anyFreePort(), durable: false });
  const folder = path.join(running.location, 'cluster');
  // The first word is the program that runs.
  const [program = ''] = (await readFile(path.join(folder, 'postmaster.opts'), 'utf8')).split(' ');
  const client = new pg.Client({ connectionString: running.urls.owner });
  await client.connect();
  const { DATABASE_URL = '', DATABASE_JOBS_URL = '', DATABASE_OWNER_URL = '' } = compose.services.migrate?.environment ?? {};
  for (const url of [DATABASE_URL, DATABASE_JOBS_URL, DATABASE_OWNER_URL].map((text) => new URL(text))) {
    await client.query(`alter role ${pg.escapeIdentifier(url.username)} password ${pg.escapeLiteral(url.password)}`);
  }
  await client.end();
  await running.stop('fast');
  return { dataDir, location: running.location, folder, program };
}

type Environment = Record<string, string | undefined>;

/** What `open-stores.ts` says of this environment. */
export async function openStores(stores: TlsStores, environment: Environment): Promise<Record<string, string>> {
  return toOutcomes(JSON.parse(await runContained(stores, fileURLToPath(new URL('./open-stores.ts', import.meta.url)), environment)));
}

/** Runs a program as a container would see the world: by the services' names, and with this environment alone. */
export async function runContained(stores: TlsStores, program: string, environment: Environment): Promise<string> {
  const names = `import dns from 'node:dns';
    const lookup = dns.lookup;
    dns.lookup = (name, ...rest) => lookup(/^(postgres|redis)$/.test(name) ? '127.0.0.1' : name, ...rest);`;
  const located = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value === undefined ? undefined : onThisMachine(value, stores)]));
  const args = ['--import', `data:text/javascript,${encodeURIComponent(names)}`, '--import', 'tsx', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { NODE_ENV: 'production', PATH: process.env.PATH, ...located } });
  return stdout;
}

function onThisMachine(value: string, { ports, located }: TlsStores): string {
  return located([value]).join('').replace('postgres:5432', `postgres:${ports.postgres}`).replace('redis:6379', `redis:${ports.redis}`);
}

function toOutcomes(value: unknown): Record<string, string> {
  return value as Record<string, string>;
}

export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}
