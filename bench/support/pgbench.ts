import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { configured } from '../../scripts/lib/programs.mjs';
import type { Measured } from './load';
import { pgbenchScript } from './pgbench-script';
import { percentile } from './statistics';
import type { Transcript } from './transcript';

/** Debian keeps the programs of each version apart, and its `pgbench` on the PATH wants a cluster of its own. */
const versions = '/usr/lib/postgresql';
/** pgbench takes no more scripts. */
const mostScripts = 128;

/** The path of pgbench, or undefined where there is none. */
export function findPgbench(): string | undefined {
  const debian = readable(versions).sort((a, b) => Number(b) - Number(a)).map((version) => path.join(versions, version, 'bin'));
  const folders = [...debian, ...(configured('PATH') ?? '').split(path.delimiter)];
  return [configured('PGBENCH_PATH'), ...folders.map((folder) => path.join(folder, 'pgbench'))].find((file) => file !== undefined && isExecutable(file));
}

interface Run {
  program: string;
  url: string;
  transcripts: readonly Transcript[];
  connections: number;
  seconds: number;
  /** Ends after so many transactions instead of after `seconds`. */
  requests?: number;
  scratch: string;
}

/** Runs the transactions, one drawn after the other, on so many connections, each statement planned once. */
export async function pgbench({ program, url, transcripts, connections, seconds, requests, scratch }: Run): Promise<Measured> {
  const folder = await mkdtemp(path.join(scratch, 'pgbench-'));
  try {
    const files: string[] = [];
    for (const [number, transcript] of transcripts.slice(0, mostScripts).entries()) {
      const file = path.join(folder, `${number}.sql`);
      await writeFile(file, pgbenchScript(transcript));
      files.push('-f', file);
    }
    const { hostname, port, username, password, pathname } = new URL(url);
    const amount = requests === undefined ? ['-T', String(Math.ceil(seconds))] : ['-t', String(Math.ceil(requests / connections))];
    await promisify(execFile)(
      program,
      ['-n', '-M', 'prepared', '-c', String(connections), '-j', '1', ...amount, '-D', 'made=0', '-D', `startedms=${Date.now()}`, '-l', '--log-prefix', path.join(folder, 'log'), ...files],
      { cwd: folder, maxBuffer: 2 ** 26, env: { PATH: configured('PATH') ?? '', NODE_ENV: 'production', PGHOST: hostname, PGPORT: port, PGUSER: decodeURIComponent(username), PGPASSWORD: decodeURIComponent(password), PGDATABASE: pathname.slice(1) } },
    );
    return measuredFrom(await log(folder), connections);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function log(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith('log.'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

/** A line is `client transaction microseconds script second microsecond`. The first time that a client runs a script it plans its statements. */
export function measuredFrom(lines: readonly string[], connections: number): Measured {
  const planned = new Set<string>();
  const times: number[] = [];
  for (const line of lines) {
    const [client, , micros, script] = line.split(' ');
    if (planned.has(`${client} ${script}`)) times.push(Number(micros) / 1000);
    planned.add(`${client} ${script}`);
  }
  times.sort((a, b) => a - b);
  if (times.length === 0 || !times.every(Number.isFinite)) throw new Error('pgbench logged no transaction');
  const busyMs = times.reduce((sum, time) => sum + time, 0);
  return { requests: times.length, perSecond: (times.length / busyMs) * 1000 * connections, p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99), bodyBytes: 0 };
}

function readable(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Only Debian has it.
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there: the next candidate may be.
    return false;
  }
}
