import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineCutter, type LogBook } from './logs';
import { signalGroup } from './processes';

export interface ChildInput {
  command: string;
  args: readonly string[];
  cwd: string;
  /** All that the child gets: nothing of this process is passed on. */
  env: Readonly<Record<string, string>>;
  /** The user and group it runs as; this process's own when absent. */
  uid: number | undefined;
  book: LogBook;
}

export interface Child {
  /** Absent when it could not be started; `exited` tells then as well. */
  pid: number | undefined;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const NOT_STARTED = { code: 127, signal: null };
const LAST_LINES_MS = 500;

/** Starts a process that leads a group of its own and writes into the book. When it ends, its group ends too. */
export function startChild({ command, args, cwd, env, uid, book }: ChildInput): Child {
  let child: ChildProcess;
  try {
    child = spawn(command, args, { cwd, env: toProcessEnv(env), detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...(uid === undefined ? {} : { uid, gid: uid }) });
  } catch (error) {
    book.add('error', `${command} cannot be started: ${reasonOf(error)}`);
    return { pid: undefined, exited: Promise.resolve(NOT_STARTED) };
  }
  const read = Promise.all([collect(child.stdout, 'info', book), collect(child.stderr, 'error', book)]);
  const exited = new Promise<Awaited<Child['exited']>>((resolve) => {
    child.once('error', (error) => {
      book.add('error', `${command} cannot be started: ${reasonOf(error)}`);
      resolve(NOT_STARTED);
    });
    child.once('exit', (code, signal) => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      // What it wrote last is still on its way; a stray that holds the pipe open is not waited for.
      void Promise.race([read, sleep(LAST_LINES_MS)]).then(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      });
    });
  });
  return { pid: child.pid, exited };
}

/** Runs a command to its end; an abort ends its whole group. Answers the exit code. */
export async function runChild(input: ChildInput, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const { pid, exited } = startChild(input);
  const end = (): void => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
  };
  signal.addEventListener('abort', end, { once: true });
  const { code } = await exited;
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  return code ?? 1;
}

function collect(stream: ChildProcess['stdout'], severity: 'info' | 'error', book: LogBook): Promise<void> {
  return new Promise((resolve) => {
    if (stream === null) return resolve();
    const cutter = new LineCutter((line) => book.add(severity, line));
    stream.on('data', (chunk: Buffer) => cutter.push(chunk));
    stream.once('close', () => {
      cutter.end();
      resolve();
    });
    stream.on('error', () => resolve());
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it was refused';
}

/** Next declares NODE_ENV as always there; a child's environment is exactly what is given. */
export function toProcessEnv(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return env as NodeJS.ProcessEnv;
}
