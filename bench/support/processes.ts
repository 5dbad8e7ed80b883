import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '@/tests/support/wait-for';
import { configured } from '../../scripts/lib/programs.mjs';

export interface Running {
  readonly pid: number;
  /** Resident memory in megabytes. */
  rssMb(): Promise<number>;
  stop(): Promise<void>;
}

interface LaunchOptions {
  /** For messages and the log file. */
  name: string;
  args: readonly string[];
  cwd: string;
  env: Record<string, string>;
  logFolder: string;
  /** Without it the process is ready when its log says so. */
  isReady?: () => Promise<boolean>;
}

/** Starts a Node process that writes its log to a file by itself: reading along would cost the load generator. */
export async function launch({ name, args, cwd, env, logFolder, isReady }: LaunchOptions): Promise<Running> {
  const logFile = path.join(logFolder, `${name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd,
    env: { PATH: configured('PATH') ?? '', HOME: configured('HOME') ?? '', NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const saysReady = async () => (await readFile(logFile, 'utf8')).includes('"msg":"ready"');
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  async function stop(): Promise<void> {
    if (hasEnded()) return;
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(forced);
  }

  try {
    await waitFor(() => hasEnded() || (isReady ?? saysReady)(), { what: `${name} to be ready`, withinMs: 90_000, everyMs: 30 });
    if (hasEnded()) throw new Error(`${name} ended:\n${(await readFile(logFile, 'utf8')).slice(-3_000)}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, rssMb: () => rssMb(child.pid ?? 0), stop };
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} tells no resident memory`);
  return Number(kilobytes) / 1024;
}
