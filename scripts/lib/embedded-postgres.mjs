import { randomUUID } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { makePrivateFolder, randomSecret, readJson, writeJson } from './files.mjs';
import { isPortFree, nextFreePort } from './ports.mjs';
import { postgresBinaries } from './postgres-binaries.mjs';
import { PG_HBA, postgresqlConf } from './postgres-config.mjs';
import { canEnter, postgresUser } from './postgres-user.mjs';
import { commandLine, isAlive, run, waitUntilGone } from './processes.mjs';

const DEFAULT_PORT = 54_329;
const SYSTEM_ROOTS = ['/var/lib/studio', '/var/tmp/studio'];
const ROLES = { owner: 'studio_owner', app: 'studio_app', jobs: 'studio_jobs', appwrite: 'appwrite_local' };
// The longest path of a unix socket is about 107 bytes, name of the socket included.
const MAX_SOCKET_FOLDER = 80;

/**
 * Starts the Postgres that belongs to `dataDir`, or finds it running. Made on first use: the
 * cluster, random passwords (kept 0600 in `postgres.json`), the roles of Studio, and the databases
 * `studio` and `appwrite`.
 * @param {{ dataDir: string, port?: number, durable?: boolean, log?: (line: string) => void }} options
 *   `durable: false` trades crash safety for speed (tests only).
 */
export async function startPostgres({ dataDir, port, durable = true, log = () => {} }) {
  const cluster = await openCluster(path.resolve(dataDir), { port, durable });
  let postmaster = await findPostmaster(cluster, log);
  const reused = postmaster !== undefined;
  if (!postmaster) postmaster = await startCluster(cluster, log);
  if (!cluster.state.prepared) {
    await prepareCluster(cluster, postmaster.port);
    cluster.state.prepared = true;
  }
  cluster.state.port = postmaster.port;
  await writeJson(cluster.stateFile, cluster.state);
  const url = (role, database) => connectionUrl(cluster, role, database, postmaster.port);
  return {
    pid: postmaster.pid,
    port: postmaster.port,
    reused,
    location: cluster.home,
    url,
    urls: {
      owner: url('owner', 'studio'),
      app: url('app', 'studio'),
      jobs: url('jobs', 'studio'),
      appwrite: url('appwrite', 'appwrite'),
    },
    stop: (mode) => stopCluster(cluster, mode),
  };
}

/** Stops the Postgres of `dataDir` when it runs. @returns {Promise<boolean>} whether it ran */
export async function stopPostgres(dataDir) {
  if ((await readJson(stateFileOf(path.resolve(dataDir)))) === undefined) return false;
  const cluster = await openCluster(path.resolve(dataDir), {});
  if ((await findPostmaster(cluster, () => {})) === undefined) return false;
  await stopCluster(cluster);
  return true;
}

/** Stops the Postgres of `dataDir` and removes its files, wherever they lie. */
export async function removePostgres(dataDir) {
  await stopPostgres(dataDir);
  const stateFile = stateFileOf(path.resolve(dataDir));
  const elsewhere = (await readJson(stateFile))?.elsewhere;
  // Elsewhere it lies in a folder that bears the cluster's id and holds nothing else.
  await rm(elsewhere ? path.dirname(elsewhere) : homeBeside(dataDir), { recursive: true, force: true });
  await rm(stateFile, { force: true });
}

function homeBeside(dataDir) {
  return path.join(dataDir, 'postgres');
}

function stateFileOf(dataDir) {
  return path.join(dataDir, 'postgres.json');
}

async function openCluster(dataDir, { port, durable }) {
  if (process.platform === 'win32') {
    throw new Error('The embedded Postgres runs on Linux and macOS; on Windows use WSL, or set DATABASE_URL.');
  }
  await makePrivateFolder(dataDir);
  const stateFile = stateFileOf(dataDir);
  const state = (await readJson(stateFile)) ?? newState(port);
  const user = await postgresUser();
  const home = state.elsewhere ?? (await chooseHome(dataDir, state.id, user));
  // A path beside the data is not kept: it would be wrong as soon as the project is moved.
  if (home !== homeBeside(dataDir)) state.elsewhere = home;
  await makeHome(home, user);
  await writeJson(stateFile, state);
  const folder = path.join(home, 'cluster');
  const socketFolder = path.join(home, 'socket');
  return {
    stateFile,
    state,
    user,
    durable,
    home,
    folder,
    logFile: path.join(home, 'postgres.log'),
    socketFolder: Buffer.byteLength(socketFolder) <= MAX_SOCKET_FOLDER ? socketFolder : undefined,
    binaries: await postgresBinaries(user, user ? systemRoot : () => dataDir),
  };
}

function newState(port) {
  const passwords = Object.fromEntries(Object.keys(ROLES).map((role) => [role, randomSecret()]));
  return { id: randomUUID(), port: port ?? DEFAULT_PORT, passwords, prepared: false };
}

/** Beside the rest of the data where the account that runs Postgres gets there, else under /var. */
async function chooseHome(dataDir, id, user) {
  const beside = homeBeside(dataDir);
  if (!user) return beside;
  // The account needs to pass through the data folder, and nobody else does.
  await chown(dataDir, 0, user.gid);
  await chmod(dataDir, 0o710);
  if (await canEnter(user, dataDir)) return beside;
  return path.join(await systemRoot(), id, 'postgres');
}

async function systemRoot() {
  for (const root of SYSTEM_ROOTS) {
    await mkdir(root, { recursive: true, mode: 0o711 }).catch(() => undefined);
    const found = await lstat(root).catch(() => undefined);
    // In a folder that all may write to, somebody else may have made it first.
    if (found?.isDirectory() && found.uid === 0) return root;
  }
  throw new Error(`none of ${SYSTEM_ROOTS.join(', ')} can be made for the embedded Postgres`);
}

async function makeHome(home, user) {
  await mkdir(path.dirname(home), { recursive: true, mode: 0o711 });
  for (const folder of [home, path.join(home, 'socket')]) {
    await makePrivateFolder(folder);
    if (user) await chown(folder, user.uid, user.gid);
  }
}

/** The running postmaster of this cluster; a pid file that names a foreign process is removed. */
async function findPostmaster(cluster, log) {
  const pidFile = path.join(cluster.folder, 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8').catch(ignoreMissing))?.split('\n');
  if (!lines) return undefined;
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  const command = (await commandLine(pid)) ?? '';
  if (!command.includes('postgres') || !command.includes(cluster.folder)) {
    log(`removing a stale postmaster.pid: process ${pid} is not this Postgres`);
    await rm(pidFile, { force: true });
    return undefined;
  }
  // It may still be recovering from a crash when whoever started it was killed.
  const ready = await pgCtl(cluster, ['status']).then(({ code }) => code === 0 && waitUntilReady(pidFile, pid));
  return ready ? { pid, port: Number(lines[3]) } : undefined;
}

async function waitUntilReady(pidFile, pid) {
  const deadline = Date.now() + 60_000;
  while (isAlive(pid) && Date.now() < deadline) {
    const lines = (await readFile(pidFile, 'utf8').catch(ignoreMissing))?.split('\n') ?? [];
    if (lines[7]?.trim() === 'ready') return true;
    await delay(50);
  }
  return false;
}

async function startCluster(cluster, log) {
  if (!(await isInitialised(cluster))) await initialise(cluster, log);
  await refuseOtherMajor(cluster);
  await keepLogSmall(cluster.logFile);
  let port = await nextFreePort(cluster.state.port);
  for (let attempt = 1; ; attempt += 1) {
    await configure(cluster, port);
    const started = await pgCtl(cluster, ['start', '-w', '-t', '60', '-l', cluster.logFile]);
    const postmaster = started.code === 0 ? await findPostmaster(cluster, log) : undefined;
    if (postmaster) return postmaster;
    if (attempt === 10) {
      throw new Error(`Postgres does not start: ${await lastLines(cluster.logFile)}\nIts log: ${cluster.logFile}`);
    }
    // A neighbour took the port meanwhile, or children of a killed postmaster are still leaving.
    if (!(await isPortFree(port))) port = await nextFreePort(port + 1);
    else await delay(300);
  }
}

async function isInitialised(cluster) {
  return stat(path.join(cluster.folder, 'PG_VERSION')).then(() => true, () => false);
}

/** Builds the cluster beside its place and renames it, so that a crash never leaves half of one. */
async function initialise(cluster, log) {
  log('making the database cluster');
  const temporary = path.join(cluster.home, 'cluster.new');
  const passwordFile = path.join(cluster.home, 'owner-password');
  await rm(temporary, { recursive: true, force: true });
  await writeFile(passwordFile, cluster.state.passwords.owner, { mode: 0o600 });
  if (cluster.user) await chown(passwordFile, cluster.user.uid, cluster.user.gid);
  try {
    const args = [
      `--pgdata=${temporary}`,
      `--username=${ROLES.owner}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      ...(cluster.durable ? [] : ['--no-sync']),
    ];
    const result = await runPostgresTool(cluster, 'initdb', args);
    if (result.code !== 0) throw new Error(`initdb failed: ${result.output}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(temporary, cluster.folder);
}

async function refuseOtherMajor(cluster) {
  const made = (await readFile(path.join(cluster.folder, 'PG_VERSION'), 'utf8')).trim();
  const { output } = await runPostgresTool(cluster, 'postgres', ['--version']);
  const major = /(\d+)(?:\.\d+|beta|rc)/.exec(output)?.[1];
  if (made !== major) {
    throw new Error(`${cluster.folder} was made by Postgres ${made}, but Postgres ${major} is installed; export with the old one first`);
  }
}

async function configure(cluster, port) {
  const files = {
    'postgresql.conf': postgresqlConf({ port, socketFolder: cluster.socketFolder, durable: cluster.durable }),
    'pg_hba.conf': PG_HBA,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(cluster.folder, name);
    await writeFile(file, text, { mode: 0o600 });
    if (cluster.user) await chown(file, cluster.user.uid, cluster.user.gid);
  }
}

/** Repeats safely: a crash between two statements is made good by the next start. */
async function prepareCluster(cluster, port) {
  const { passwords } = cluster.state;
  await asOwner(cluster, 'postgres', port, async (client) => {
    for (const role of ['app', 'jobs', 'appwrite']) {
      const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [ROLES[role]]);
      const verb = rowCount === 0 ? 'create' : 'alter';
      await client.query(`${verb} role ${ROLES[role]} login password ${pg.escapeLiteral(passwords[role])}`);
    }
    for (const [database, owner] of [['studio', ROLES.owner], ['appwrite', ROLES.appwrite]]) {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
      if (rowCount === 0) await client.query(`create database ${database} owner ${owner}`);
      await client.query(`revoke connect, temporary on database ${database} from public`);
    }
    await client.query(`grant connect on database studio to ${ROLES.app}, ${ROLES.jobs}`);
    await client.query('revoke connect, temporary on database postgres from public');
  });
}

async function asOwner(cluster, database, port, work) {
  const client = new pg.Client({ connectionString: connectionUrl(cluster, 'owner', database, port) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function stopCluster(cluster, mode = 'fast') {
  const pid = (await findPostmaster(cluster, () => {}))?.pid;
  if (pid === undefined) return;
  const stopped = await pgCtl(cluster, ['stop', '-w', '-t', '20', '-m', mode]);
  if (stopped.code !== 0 && isAlive(pid)) await pgCtl(cluster, ['stop', '-w', '-t', '5', '-m', 'immediate']);
  if (!(await waitUntilGone(pid, 2_000))) throw new Error(`Postgres (process ${pid}) does not stop`);
}

function pgCtl(cluster, [verb, ...options]) {
  return runPostgresTool(cluster, 'pg_ctl', [verb, '-D', cluster.folder, ...options]);
}

function runPostgresTool(cluster, name, args) {
  return run(path.join(cluster.binaries, 'bin', name), args, {
    user: cluster.user,
    cwd: cluster.home,
    timeoutMs: 120_000,
    // The postmaster outlives us and needs none of our variables, secrets least of all.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
}

function connectionUrl(cluster, role, database, port) {
  return `postgresql://${ROLES[role]}:${cluster.state.passwords[role]}@127.0.0.1:${port}/${database}`;
}

async function keepLogSmall(file) {
  const found = await stat(file).catch(ignoreMissing);
  if (found && found.size > 10_000_000) await rename(file, `${file}.1`);
}

async function lastLines(file) {
  const text = await readFile(file, 'utf8').catch(ignoreMissing);
  return text?.trim().split('\n').slice(-8).join('\n') ?? 'it wrote no log';
}

function ignoreMissing(error) {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
