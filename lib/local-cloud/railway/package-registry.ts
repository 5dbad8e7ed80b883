import { execFile } from 'node:child_process';
import { PROGRAMS } from './place';

const ASKING_MS = 20_000;
let known: Promise<string[]> | undefined;

/**
 * The URL that packages come from, for a list of what builds may reach: the one given, or else the one that npm is set
 * up to use on this machine. It is asked where no file of an app can answer. Empty when it does not tell.
 */
export function packageRegistry(given: string | undefined): Promise<string[]> {
  if (given !== undefined) return Promise.resolve([given]);
  known ??= askNpm();
  return known;
}

function askNpm(): Promise<string[]> {
  return new Promise((resolve) => {
    execFile('npm', ['config', 'get', 'registry'], { cwd: '/', env: { PATH: PROGRAMS, NODE_ENV: 'production', HOME: '/nonexistent' }, timeout: ASKING_MS }, (error, stdout) => {
      const url = stdout.trim();
      resolve(error === null && /^https?:/.test(url) && URL.canParse(url) ? [url] : []);
    });
  });
}
