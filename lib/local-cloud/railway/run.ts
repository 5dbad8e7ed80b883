import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child';
import type { Target } from './front-door';
import type { LogBook } from './logs';
import { endGroup, endStrays, startMark } from './processes';
import type { InstanceSettings } from './state';

export interface AppInput {
  command: string;
  cwd: string;
  port: number;
  env: Readonly<Record<string, string>>;
  uid: number | undefined;
  /** Told to the app as RAILWAY_REPLICA_ID; no other app has it. */
  replicaId: string;
  book: LogBook;
  settings: InstanceSettings;
  backoffMs: number;
  /** Notes the running process, so that a later stand-in can end it; null when it ended. */
  onProcess(process: { pid: number; mark: string } | null): Promise<void>;
  /** It ended and is not started again. */
  onCrashed(): void;
}

const HOST = '127.0.0.1';
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
  #pid: number | undefined;
  #crashed = false;

  constructor(input: AppInput) {
    this.#input = input;
    this.target = { port: input.port, open: 0 };
    this.#done = this.#supervise();
  }

  /** Resolves when it serves, or tells why it never will. */
  async ready(timeoutMs: number, signal: AbortSignal): Promise<'ready' | 'crashed' | 'timeout'> {
    const deadline = Date.now() + timeoutMs;
    const path = this.#input.settings.healthcheckPath;
    while (Date.now() < deadline) {
      signal.throwIfAborted();
      if (this.#crashed) return 'crashed';
      const wait = Math.min(PROBE_MS, Math.max(1, deadline - Date.now()));
      const answers = path === null ? await listens(this.target.port, wait) : await isHealthy(this.target.port, path, wait);
      if (answers && this.#pid !== undefined) return 'ready';
      await sleep(POLL_MS);
    }
    return this.#crashed ? 'crashed' : 'timeout';
  }

  /** Lets it finish what it has begun, then SIGTERM, then SIGKILL; each at most `graceMs`. */
  async end(graceMs: number): Promise<void> {
    const deadline = Date.now() + graceMs;
    while (this.target.open > 0 && !this.#crashed && Date.now() < deadline) await sleep(20);
    this.#ended.abort();
    if (this.#pid !== undefined) await endGroup(this.#pid, graceMs);
    await this.#done;
  }

  async #supervise(): Promise<void> {
    const { command, cwd, env, uid, book, backoffMs, replicaId } = this.#input;
    const mark = { uid: uid ?? process.getuid?.() ?? -1, name: 'RAILWAY_REPLICA_ID', value: replicaId } as const;
    for (let failures = 0; !this.#ended.signal.aborted; failures += 1) {
      const started = Date.now();
      const { pid, exited } = startChild({ command: '/bin/sh', args: ['-c', command], cwd, env: { ...env, RAILWAY_REPLICA_ID: replicaId }, uid, book });
      this.#pid = pid;
      const startedAt = pid === undefined ? undefined : await startMark(pid);
      if (pid !== undefined && startedAt !== undefined) await this.#input.onProcess({ pid, mark: startedAt });
      const { code, signal } = await exited;
      await endStrays([mark]);
      this.#pid = undefined;
      await this.#input.onProcess(null);
      if (this.#ended.signal.aborted) return;
      book.add('error', `The app ended ${signal === null ? `with code ${code}` : `by ${signal}`}.`);
      if (Date.now() - started > STEADY_MS) failures = 0;
      if (!this.#mayRestart(code, failures)) {
        this.#crashed = true;
        return this.#input.onCrashed();
      }
      await sleep(Math.min(backoffMs * 2 ** failures, MAX_BACKOFF_MS), undefined, { signal: this.#ended.signal }).catch(() => undefined);
    }
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

function listens(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, timeout: timeoutMs });
    const answer = (value: boolean) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', answer(true)).once('timeout', answer(false)).once('error', answer(false));
  });
}

/** As Railway asks: once, from this host name, and only 200 counts. */
function isHealthy(port: number, path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: HOST, port, path: path.startsWith('/') ? path : `/${path}`, agent: false, headers: { host: 'healthcheck.railway.app' }, signal: AbortSignal.timeout(timeoutMs) });
    asked.once('response', (response) => {
      response.destroy();
      resolve(response.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
