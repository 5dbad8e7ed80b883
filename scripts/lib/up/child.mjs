import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { startMark, waitUntilGone, isAlive } from '../processes.mjs';
import { StartError } from './args.mjs';
import { LogFile } from './log-file.mjs';

const KEPT_LINES = 30;
const MAX_PAUSE_MS = 30_000;
const STABLE_MS = 60_000;

/**
 * A long-running process: started, watched, started again when it dies, stopped.
 * Ready when it logs a JSON line with the message "ready".
 */
export class Child {
  #spec;
  #hooks;
  #process;
  #log;
  #lines = [];
  #stopping = false;
  #settled = false;
  #failures = 0;
  #timer;

  /**
   * @param {{ name: string, args: string[], env: object, cwd: string, logFile: string, readyWithinMs: number }} spec
   * @param {{ onLine(name: string, line: string): void, onChange(): void, onRestart(name: string, why: string, pauseMs: number): void }} hooks
   */
  constructor(spec, hooks) {
    this.#spec = spec;
    this.#hooks = hooks;
    this.#log = new LogFile(spec.logFile);
  }

  get name() {
    return this.#spec.name;
  }

  /** What the next start needs to find this process again. */
  record;

  /** Resolves when the process is ready; rejects with its last words when it ends before that. */
  async start() {
    try {
      await this.#launch();
      this.#settled = true;
    } catch (error) {
      await this.stop(2_000);
      throw error;
    }
  }

  async stop(graceMs) {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const pid = this.#process?.pid;
    if (pid !== undefined && isAlive(pid)) {
      signalGroup(pid, 'SIGTERM');
      if (!(await waitUntilGone(pid, graceMs))) signalGroup(pid, 'SIGKILL');
      await waitUntilGone(pid, 2_000);
    }
    this.#log.close();
  }

  kill() {
    this.#stopping = true;
    clearTimeout(this.#timer);
    if (this.#process?.pid !== undefined) signalGroup(this.#process.pid, 'SIGKILL');
  }

  #launch() {
    const { args, env, cwd } = this.#spec;
    const startedAt = Date.now();
    // A group of its own: Ctrl-C reaches only the supervisor, which then stops things in order.
    const child = spawn(process.execPath, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    const readiness = this.#waitUntilReady(child);
    const ended = (why) => {
      this.record = undefined;
      this.#hooks.onChange();
      // What never worked is not tried again and again: whoever waits for it is told.
      if (this.#settled && !this.#stopping) this.#restartLater(why, Date.now() - startedAt);
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (code, signal) => ended(signal ? `ended by ${signal}` : `ended with code ${code}`));
    if (child.pid !== undefined) void this.#remember(child.pid);
    return readiness;
  }

  async #remember(pid) {
    this.record = { name: this.name, pid, mark: await startMark(pid) };
    this.#hooks.onChange();
  }

  #waitUntilReady(child) {
    return new Promise((resolve, reject) => {
      const finish = (error) => {
        clearTimeout(deadline);
        if (error) reject(error);
        else resolve();
      };
      const failed = (why) => finish(new StartError(`The ${this.name} process ${why}:\n\n${this.#lastWords()}`));
      const deadline = setTimeout(() => failed('is not ready in time'), this.#spec.readyWithinMs);
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.#keep(line);
          if (saysReady(line)) finish();
        });
      }
      child.once('error', (error) => failed(error.message));
      child.once('exit', (code, signal) => failed(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    });
  }

  #keep(line) {
    this.#lines = [...this.#lines, line].slice(-KEPT_LINES);
    this.#log.write(line);
    this.#hooks.onLine(this.name, line);
  }

  #restartLater(why, ranForMs) {
    this.#failures = ranForMs > STABLE_MS ? 1 : this.#failures + 1;
    const pause = Math.min(250 * 2 ** (this.#failures - 1), MAX_PAUSE_MS);
    this.#hooks.onRestart(this.name, why, pause);
    this.#timer = setTimeout(() => {
      // A failure here ends in the exit handler, which plans the next attempt.
      this.#launch().catch((error) => this.#log.write(error.message));
    }, pause);
  }

  #lastWords() {
    const words = this.#lines.map(readableLine).join('\n');
    return words ? `${words}\nWhole log: ${this.#spec.logFile}` : `Its log is empty: ${this.#spec.logFile}`;
  }
}

/** The message of a JSON log line with its error, any other line as it is. */
export function readableLine(line) {
  const entry = parseLine(line);
  if (entry === undefined) return line;
  const cause = entry.err?.message ?? entry.error?.message;
  return [entry.msg, cause].filter(Boolean).join(': ') || line;
}

export function lineLevel(line) {
  return parseLine(line)?.level ?? 0;
}

export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function saysReady(line) {
  return parseLine(line)?.msg === 'ready';
}

function parseLine(line) {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    // Not every line that begins with a brace is JSON; it is shown as it is then.
    return undefined;
  }
}
