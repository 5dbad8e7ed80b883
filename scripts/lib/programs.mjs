import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { run } from './processes.mjs';

/** Servers and tools that tests use for real: how they are called and what Debian's package is. */
const PROGRAMS = {
  redis: { commands: ['redis-server'], debian: 'redis-server', variable: 'REDIS_URL' },
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    places: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
    debian: 'chromium',
    variable: 'CHROMIUM_PATH',
  },
  openssl: { commands: ['openssl'], debian: 'openssl', variable: 'OPENSSL_PATH' },
  caddy: { commands: ['caddy'], debian: 'caddy', variable: 'CADDY_PATH' },
  pgbouncer: { commands: ['pgbouncer'], debian: 'pgbouncer', variable: 'PGBOUNCER_PATH' },
};

// Administrators' programs, such as PgBouncer, lie outside many people's PATH.
const FURTHER_FOLDERS = ['/usr/local/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'];

/** A value that the person running the tests has set, or undefined. */
export function configured(name) {
  return process.env[name] || undefined;
}

/** The path of an installed program, or undefined. */
export function findProgram(name) {
  const { commands, places = [] } = PROGRAMS[name];
  const folders = [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), ...FURTHER_FOLDERS];
  const candidates = [...commands.flatMap((command) => folders.map((folder) => path.join(folder, command))), ...places];
  return candidates.find(isExecutable);
}

/** The path of a program, installed from Debian's packages when it is missing and we may. */
export async function ensureProgram(name, log = () => {}) {
  const found = findProgram(name);
  if (found) return found;
  const { debian, variable } = PROGRAMS[name];
  const advice = `${name} is not installed: install the package "${debian}" or set ${variable}`;
  if (process.getuid?.() !== 0) throw new Error(advice);
  log(`installing ${debian}`);
  const failure = await installDebianPackage(debian);
  const installed = findProgram(name);
  if (!installed) throw new Error(`${advice} (${failure ?? 'apt-get installed it, but it is not on PATH'})`);
  return installed;
}

/** @returns {Promise<string | undefined>} why it failed */
async function installDebianPackage(name) {
  const install = () => aptGet(['install', '-y', '--no-install-recommends', name]);
  const first = await install();
  if (first === undefined) return undefined;
  // A machine image may come without package lists.
  return (await aptGet(['update'])) ?? (await install());
}

async function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const waiting = ['-o', 'DPkg::Lock::Timeout=300'];
  const { code, output } = await run('apt-get', [...waiting, ...args], { env, timeoutMs: 600_000 }).catch((error) => ({
    code: 1,
    output: error.message,
  }));
  return code === 0 ? undefined : output.split('\n').at(-1);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the next candidate may be.
    return false;
  }
}
