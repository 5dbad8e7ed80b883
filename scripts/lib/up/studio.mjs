import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { makePrivateFolder, readJson, writeJson } from '../files.mjs';
import { nodeFlags } from '../node-flags.mjs';
import { ensurePackages } from '../packages.mjs';
import { isAlive, run, startMark } from '../processes.mjs';
import { isBuilt } from '../sources.mjs';
import { StartError, UsageError } from './args.mjs';
import { Child, lineLevel, readableLine } from './child.mjs';
import { takeLock, waitForHolder } from './lock.mjs';
import { line as printLine, note, panel, step, warn } from './output.mjs';
import { endOrphans, writeRunState } from './run-state.mjs';
import { DEMO_LOGIN, choosePorts, configuredServices, environmentFor, localSecrets, processEnvironment } from './settings.mjs';

const GRACE_MS = 25_000;
const POSTGRES_CHECK_MS = 1_000;
const LEVEL_ERROR = 50;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const DATA = ['appwrite', 'railway', 'mail', 'logs', 'files', 'ports.json', 'run.json', 'demo.json'];
const SECRETS = 'secrets.json';

/** One run of Studio on this machine, from taking the data folder to giving it back. */
export class Studio {
  #root;
  #options;
  #env;
  #dataDir;
  #children = [];
  #abort = new AbortController();
  #postgres;
  #watch;
  #lock;
  #state = {};
  #stopped;

  constructor({ root, options, env }) {
    this.#root = root;
    this.#options = options;
    this.#env = env;
    this.#dataDir = path.resolve(root, env.STUDIO_DATA_DIR ?? '.studio');
  }

  /** Resolves when Studio is ready, or when it was asked to stop before. */
  async run() {
    await makePrivateFolder(this.#dataDir);
    if (!(await this.#takeFolder())) return;
    try {
      await this.#start();
    } catch (error) {
      const asked = this.#abort.signal.aborted;
      await this.stop();
      if (!asked) throw error;
    }
  }

  /** Stops everything in order; safe to call at any time, more than once. */
  stop() {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Ends everything at once. The database takes no harm: it recovers on the next start. */
  kill() {
    for (const child of this.#children) child.kill();
    process.exit(130);
  }

  async #takeFolder() {
    for (;;) {
      const { holder, release } = await takeLock(this.#dataDir);
      if (release) {
        this.#lock = { release };
        return true;
      }
      if (this.#options.reset) {
        throw new UsageError(`Studio is running here (process ${holder.pid}); stop it before --reset.`);
      }
      const running = await waitForHolder(this.#dataDir, holder);
      if (running) {
        console.log(`\nStudio already runs at ${running.url} (process ${holder.pid}).\n`);
        return false;
      }
    }
  }

  async #start() {
    console.log('');
    const services = configuredServices(this.#env);
    this.#refuseStandInsInProduction(services);
    const orphans = await endOrphans(this.#dataDir);
    if (orphans.length > 0) note(`ended what the last run left behind: ${orphans.join(', ')}`);
    if (this.#options.reset) await this.#reset(services);
    await this.#prepareCode();
    const secrets = await localSecrets(this.#dataDir);
    const { ports, moved } = await choosePorts(this.#dataDir, { asked: this.#options.port, env: this.#env, services });
    for (const [name, from, to] of moved) warn(`port ${from} is in use, so ${name} listens on ${to}`);
    if (!services.database || !services.appwrite) await this.#startPostgres();
    const env = processEnvironment({
      env: this.#env,
      dataDir: this.#dataDir,
      dev: this.#options.dev,
      services,
      ports,
      secrets,
      postgres: this.#postgres,
    });
    await this.#startProcesses(env, services);
    const demo = await this.#demo(env);
    this.#state = { url: env.STUDIO_URL, readyAt: new Date().toISOString() };
    await this.#saveState();
    this.#sayReady({ env, services, demo, ports });
  }

  async #reset(services) {
    if (!this.#options.yes) await confirmReset(this.#dataDir);
    // What a database of the environment holds is sealed with these keys, and it stays.
    const names = services.database ? DATA : [...DATA, SECRETS];
    if (services.database) note(`DATABASE_URL is not local data: that database and ${SECRETS} stay as they are`);
    await step('delete all local data', async () => {
      if (existsSync(path.join(this.#dataDir, 'postgres.json'))) {
        await ensurePackages(this.#root, { log: note, signal: this.#abort.signal });
        const { removePostgres } = await import('../embedded-postgres.mjs');
        await removePostgres(this.#dataDir);
      }
      for (const name of names) await rm(path.join(this.#dataDir, name), { recursive: true, force: true });
    });
  }

  #refuseStandInsInProduction(services) {
    if (this.#env.STUDIO_MODE !== 'production') return;
    const missing = ['database', 'appwrite', 'smtp'].filter((name) => !services[name]);
    if (missing.length === 0) return;
    throw new UsageError(
      `STUDIO_MODE=production runs without stand-ins, but nothing is configured for: ${missing.join(', ')}. See .env.example.`,
    );
  }

  async #prepareCode() {
    const { signal } = this.#abort;
    await step('packages', () => ensurePackages(this.#root, { log: note, signal }));
    if (this.#options.dev) return;
    await step('build', async () => {
      if (await isBuilt(this.#root)) return;
      await this.#runOnce('build', ['scripts/build.mjs'], { ...process.env, NODE_ENV: 'production' });
    });
  }

  async #startPostgres() {
    const { startPostgres } = await import('../embedded-postgres.mjs');
    const start = () => startPostgres({ dataDir: this.#dataDir, log: note });
    this.#postgres = await step('Postgres', start);
    let starting = false;
    this.#watch = setInterval(() => {
      if (starting || this.#abort.signal.aborted || isAlive(this.#postgres.pid)) return;
      starting = true;
      warn('Postgres ended; starting it again');
      start()
        .then(
          (postgres) => {
            this.#postgres = postgres;
          },
          (error) => warn(error.message),
        )
        .finally(() => {
          starting = false;
        });
    }, POSTGRES_CHECK_MS);
  }

  async #startProcesses(env, services) {
    const standIns = !services.appwrite || !services.smtp || !services.railway;
    await Promise.all([
      step('database schema', () => this.#runOnce('migrate', this.#entry('migrate'), env)),
      ...(standIns ? [step('local cloud', () => this.#launch('local-cloud', env))] : []),
    ]);
    await Promise.all([
      step('server', () => this.#launch('server', env)),
      step('worker', () => this.#launch('worker', env)),
    ]);
  }

  #entry(name, watch = false) {
    if (!this.#options.dev) return [...nodeFlags(name), `dist/${name}.js`];
    return watch
      ? ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', `${name}.ts`]
      : ['--import', 'tsx', `${name}.ts`];
  }

  async #launch(name, env) {
    this.#abort.signal.throwIfAborted();
    const child = new Child(
      {
        name,
        args: this.#entry(name, true),
        env: environmentFor(name, env),
        cwd: this.#root,
        logFile: path.join(this.#dataDir, 'logs', `${name}.log`),
        readyWithinMs: this.#options.dev ? 180_000 : 60_000,
      },
      {
        onLine: (from, line) => this.#showLine(from, line),
        onChange: () => void this.#saveState(),
        onRestart: (from, why, pauseMs) => warn(`${from} ${why}; starting it again in ${pauseMs / 1000} s`),
      },
    );
    this.#children.push(child);
    await child.start();
  }

  async #runOnce(name, args, env) {
    const result = await run(process.execPath, args, {
      cwd: this.#root,
      env: environmentFor(name, env),
      timeoutMs: 900_000,
      signal: this.#abort.signal,
    });
    if (result.code === 0) return;
    const lines = result.output.split('\n').slice(-25).map(readableLine).join('\n');
    throw new StartError(`The ${name} step failed:\n\n${lines}`);
  }

  /** Demo data goes in once: what a person then deletes stays deleted. @returns whether the demo login exists */
  async #demo(env) {
    const file = path.join(this.#dataDir, 'demo.json');
    if (await readJson(file)) return true;
    const entry = this.#options.dev ? 'demo.ts' : 'dist/demo.js';
    if (!this.#options.demo || env.STUDIO_MODE !== 'local' || !existsSync(path.join(this.#root, entry))) return false;
    if (!LOOPBACK.has(env.HOST)) {
      note(`no demo login: everybody knows its password, and ${env.HOST} is open to other machines`);
      return false;
    }
    await step('demo data', () => this.#runOnce('demo', this.#entry('demo'), env));
    await writeJson(file, { seededAt: new Date().toISOString() });
    return true;
  }

  #showLine(name, line) {
    if (this.#options.dev) printLine(`${name.padEnd(12)}${readableLine(line)}`);
    else if (lineLevel(line) >= LEVEL_ERROR) warn(`${name}: ${readableLine(line)}`);
  }

  #sayReady({ env, services, demo, ports }) {
    const rows = [['Open', env.STUDIO_URL]];
    if (demo) rows.push(['Demo login', `${DEMO_LOGIN.email}, password ${DEMO_LOGIN.password}`]);
    if (!services.smtp) rows.push(['Mailbox', `http://127.0.0.1:${ports.mailbox}`]);
    rows.push(['Data', this.#dataDir]);
    const elsewhere = this.#postgres && !this.#postgres.location.startsWith(this.#dataDir);
    if (elsewhere) rows.push(['Database', this.#postgres.location]);
    rows.push(['Logs', path.join(this.#dataDir, 'logs')]);
    if (!services.appwrite) rows.push(['Appwrite', 'local stand-in, for development only']);
    if (!services.railway) rows.push(['Railway', 'local stand-in, for development only']);
    panel('Studio is ready. Ctrl-C stops it.', rows);
  }

  async #saveState() {
    if (!this.#lock) return;
    this.#self ??= { pid: process.pid, mark: await startMark(process.pid) };
    const children = this.#children.map((child) => child.record).filter(Boolean);
    writeRunState(this.#dataDir, { ...this.#self, ...this.#state, children });
  }

  #self;

  async #stop() {
    this.#abort.abort();
    clearInterval(this.#watch);
    const standIns = this.#children.filter(({ name }) => name === 'local-cloud');
    const others = this.#children.filter(({ name }) => name !== 'local-cloud');
    await Promise.all(others.map((child) => child.stop(GRACE_MS)));
    await Promise.all(standIns.map((child) => child.stop(GRACE_MS)));
    await this.#postgres?.stop();
    if (!this.#lock) return;
    await rm(path.join(this.#dataDir, 'run.json'), { force: true });
    await this.#lock.release();
    this.#lock = undefined;
  }
}

async function confirmReset(dataDir) {
  if (!process.stdin.isTTY) throw new UsageError('--reset deletes data; without a terminal to ask on, add --yes.');
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`This deletes all local data of ${dataDir}. Type "yes" to go on: `);
  prompt.close();
  if (answer.trim() !== 'yes') throw new UsageError('Nothing was deleted.');
}
