import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineCutter, type LogBook } from './logs';
import type { Order, Place } from './place';
import { signalGroup } from './processes';

export interface ChildInput extends Order {
  place: Place;
  book: LogBook;
}

export interface Child {
  /** Absent when it could not be started; `exited` tells then as well. */
  pid: number | undefined;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it and its group at once. Does nothing once it has ended: its number may be another's by then. */
  kill(): void;
  /** SIGTERM to the group, SIGKILL to what is left of it after `graceMs`. */
  end(graceMs: number): Promise<void>;
}

const NOT_STARTED = { code: 127, signal: null };
const LAST_LINES_MS = 500;

/** Starts a process that leads a group of its own and writes into the book. When it ends, its group ends too. */
export function startChild({ place, book, ...order }: ChildInput): Child {
  const { command, args, cwd, env, uid } = place.plan(order);
  let child: ChildProcess;
  try {
    child = spawn(command, args, { cwd, env: toProcessEnv(env), detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...(uid === undefined ? {} : { uid, gid: uid }) });
  } catch (error) {
    book.add('error', `${order.command} cannot be started: ${reasonOf(error)}`);
    return { pid: undefined, exited: Promise.resolve(NOT_STARTED), kill: () => undefined, end: () => Promise.resolve() };
  }
  let { pid } = child;
  const signal = (name: NodeJS.Signals): void => {
    if (pid !== undefined) signalGroup(pid, name);
  };
  const read = Promise.all([collect(child.stdout, 'info', book), collect(child.stderr, 'error', book)]);
  const exited = new Promise<Awaited<Child['exited']>>((resolve) => {
    child.once('error', (error) => {
      book.add('error', `${order.command} cannot be started: ${reasonOf(error)}`);
      pid = undefined;
      resolve(NOT_STARTED);
    });
    child.once('exit', (code, by) => {
      signal('SIGKILL');
      pid = undefined;
      // What it wrote last is still on its way; a stray that holds the pipe open is not waited for.
      void Promise.race([read, sleep(LAST_LINES_MS)]).then(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal: by });
      });
    });
  });
  return {
    pid,
    exited,
    kill: () => signal('SIGKILL'),
    async end(graceMs) {
      const deadline = Date.now() + graceMs;
      signal('SIGTERM');
      while (pid !== undefined && Date.now() < deadline) await sleep(20);
      signal('SIGKILL');
    },
  };
}

/** Runs a command to its end; an abort ends its whole group. Answers the exit code. */
export async function runChild(input: ChildInput, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const { exited, kill } = startChild(input);
  signal.addEventListener('abort', kill, { once: true });
  const { code } = await exited;
  signal.removeEventListener('abort', kill);
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
function toProcessEnv(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return env as NodeJS.ProcessEnv;
}
