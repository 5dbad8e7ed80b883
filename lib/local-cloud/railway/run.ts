import { request } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from './child';
import type { Target } from './front-door';
import type { LogBook } from './logs';
import { bootMark, startMark, type NotedProcess } from './processes';
import type { Room } from './rooms';
import type { InstanceSettings } from './state';

export interface AppInput {
  command: string;
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Where it runs; asked for at each start. */
  open(): Promise<Room>;
  /** Ends what it left behind outside of its group. */
  tidy(): Promise<void>;
  book: LogBook;
  settings: InstanceSettings;
  backoffMs: number;
  /** Notes the running process, so that a later stand-in can end it; null when it ended. */
  onProcess(process: NotedProcess | null): Promise<void>;
  /** It ended and is not started again. */
  onCrashed(): void;
}

const STEADY_MS = 60_000;
const MAX_BACKOFF_MS = 10_000;
const POLL_MS = 50;
const PROBE_MS = 5000;

/** One app: its process, started again by its policy until it is ended or gives up. */
export class App {
  readonly target: Target;
  readonly #input: AppInput;
  readonly #ended = new AbortController();
  readonly #done: Promise<void>;
  #child: Child | undefined;
  #room: Room | undefined;
  #crashed = false;

  constructor(input: AppInput) {
    this.#input = input;
    this.target = { connect: () => this.#connect(), open: 0 };
    // What fails here is this app's misfortune, never this process's.
    this.#done = this.#supervise().catch(() => {
      this.#child?.kill();
      input.book.add('error', 'The app cannot be watched over; it is given up.');
      this.#giveUp();
    });
  }

  /** Resolves when it serves, or tells why it never will. */
  async ready(timeoutMs: number, signal: AbortSignal): Promise<'ready' | 'crashed' | 'timeout'> {
    const deadline = Date.now() + timeoutMs;
    const path = this.#input.settings.healthcheckPath;
    while (Date.now() < deadline) {
      signal.throwIfAborted();
      if (this.#crashed) return 'crashed';
      const wait = Math.min(PROBE_MS, Math.max(1, deadline - Date.now()));
      const socket = await this.#connect().catch(() => undefined);
      const answers = socket !== undefined && (path === null ? listens(socket) : await isHealthy(socket, path, wait));
      if (answers && this.#child !== undefined) return 'ready';
      await sleep(POLL_MS);
    }
    return this.#crashed ? 'crashed' : 'timeout';
  }

  /** Lets it finish what it has begun, then SIGTERM, then SIGKILL; each at most `graceMs`. */
  async end(graceMs: number): Promise<void> {
    const deadline = Date.now() + graceMs;
    while (this.target.open > 0 && !this.#crashed && Date.now() < deadline) await sleep(20);
    this.#ended.abort();
    await this.#child?.end(graceMs);
    await this.#done;
  }

  #connect(): Promise<Socket> {
    return this.#room?.connect() ?? Promise.reject(new Error('the app does not run'));
  }

  async #supervise(): Promise<void> {
    const { book, backoffMs } = this.#input;
    for (let failures = 0; !this.#ended.signal.aborted; failures += 1) {
      const started = Date.now();
      const { code, signal } = await this.#runOnce();
      if (this.#ended.signal.aborted) return;
      book.add('error', `The app ended ${signal === null ? `with code ${code}` : `by ${signal}`}.`);
      if (Date.now() - started > STEADY_MS) failures = 0;
      if (!this.#mayRestart(code, failures)) return this.#giveUp();
      await sleep(Math.min(backoffMs * 2 ** failures, MAX_BACKOFF_MS), undefined, { signal: this.#ended.signal }).catch(() => undefined);
    }
  }

  async #runOnce(): ReturnType<typeof startChild>['exited'] {
    const { command, cwd, env, book, open, tidy, onProcess } = this.#input;
    const room = await open();
    try {
      // It may have been asked to end while its room was made.
      if (this.#ended.signal.aborted) return { code: null, signal: null };
      const child = startChild({ command: '/bin/sh', args: ['-c', command], cwd, env, place: room.place, book });
      this.#room = room;
      this.#child = child;
      if (child.pid !== undefined) room.watch(child.pid);
      void room.lost.then(() => child.kill());
      const mark = child.pid === undefined ? undefined : await startMark(child.pid);
      if (child.pid !== undefined && mark !== undefined) await onProcess({ pid: child.pid, mark, boot: await bootMark() });
      const end = await child.exited;
      this.#child = undefined;
      await tidy();
      await onProcess(null);
      return end;
    } finally {
      this.#room = undefined;
      room.close();
    }
  }

  #giveUp(): void {
    this.#crashed = true;
    this.#input.onCrashed();
  }

  #mayRestart(code: number | null, failures: number): boolean {
    const { restartPolicyType, restartPolicyMaxRetries } = this.#input.settings;
    switch (restartPolicyType) {
      case 'ALWAYS': return failures < restartPolicyMaxRetries;
      case 'ON_FAILURE': return code !== 0 && failures < restartPolicyMaxRetries;
      case 'NEVER': return false;
    }
  }
}

function listens(socket: Socket): true {
  socket.destroy();
  return true;
}

/** As Railway asks: once, from this host name, and only 200 counts. */
function isHealthy(socket: Socket, path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ createConnection: () => socket, path: path.startsWith('/') ? path : `/${path}`, headers: { host: 'healthcheck.railway.app' }, signal: AbortSignal.timeout(timeoutMs) });
    asked.once('response', (response) => {
      response.destroy();
      resolve(response.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
    asked.once('close', () => socket.destroy());
    asked.end();
  });
}
