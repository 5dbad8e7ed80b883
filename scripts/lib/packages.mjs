import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readJson } from './files.mjs';
import { run } from './processes.mjs';

/** Installs what the lock file names, unless node_modules already holds exactly that. */
export async function ensurePackages(root, { log, signal }) {
  if (await isInstalled(root)) return false;
  log('installing packages (once; a minute or two)');
  const result = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], root, signal);
  if (result.code !== 0) {
    // npm says what is wrong first and prints its manual after it.
    throw new Error(`"npm ci" failed:\n${result.output.split('\n').slice(0, 15).join('\n')}`);
  }
  return true;
}

/** npm records what it installed; compare that with the lock file instead of trusting a time stamp. */
async function isInstalled(root) {
  const [lock, installed] = await Promise.all([
    readJson(path.join(root, 'package-lock.json')),
    readJson(path.join(root, 'node_modules/.package-lock.json')).catch(() => undefined),
  ]);
  if (!lock) throw new Error('package-lock.json is missing; restore it from the repository');
  if (!installed) return false;
  const wanted = Object.entries(lock.packages).filter(([location]) => location !== '');
  const same = wanted.every(([location, { version, optional, devOptional }]) => {
    const present = installed.packages[location];
    // Packages for other platforms are in the lock but rightly not on this machine.
    return present ? present.version === version : Boolean(optional || devOptional);
  });
  const extra = Object.keys(installed.packages).some((location) => !(location in lock.packages));
  return same && !extra && (await exists(path.join(root, 'node_modules/next/package.json')));
}

async function npm(args, cwd, signal) {
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
  return run(command, [...first, ...args], { cwd, timeoutMs: 900_000, signal });
}

async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}
