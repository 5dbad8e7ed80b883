import { Worker } from 'node:worker_threads';

/**
 * What the thread runs, as text: a file of its own would lie in a different place under the bundler, the loader of
 * development and Next. On Linux each thread has its own priority, and this one's is the lowest: while many people sign
 * in the processor still serves everybody else first. Not the idle class, which comes behind every other work on the
 * machine, jobs included: beside two busy ones a sign-in would take seconds. Elsewhere the thread only keeps the
 * hashing in one place.
 */
const program = `
const { readlinkSync } = require('node:fs');
const { setPriority } = require('node:os');
const { parentPort } = require('node:worker_threads');
const { hashSync, verifySync } = require(require.resolve('@node-rs/argon2', { paths: [process.cwd()] }));
if (process.platform === 'linux') setPriority(Number(readlinkSync('/proc/thread-self').split('/').pop()), 19);
parentPort.on('message', ({ id, work, password, stored, settings }) => {
  try {
    parentPort.postMessage({ id, result: work === 'hash' ? hashSync(password, settings) : verifySync(stored, password) });
  } catch (error) {
    parentPort.postMessage({ id, failure: error.message });
  }
});
`;

type Task = { work: 'hash'; password: string; settings: object } | { work: 'verify'; password: string; stored: string };

type Outcome = { id: number; result: string | boolean } | { id: number; failure: string };

interface Pending {
  resolve(result: string | boolean): void;
  reject(error: Error): void;
}

/** Hashes on a thread of low priority, which starts with the first password and keeps no process alive. */
export function createHashThread() {
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let lastId = 0;

  function start(): Worker {
    const started = new Worker(program, { eval: true });
    started.on('message', (outcome: Outcome) => {
      const waiting = pending.get(outcome.id);
      pending.delete(outcome.id);
      if (pending.size === 0) started.unref();
      if ('failure' in outcome) waiting?.reject(new Error(outcome.failure));
      else waiting?.resolve(outcome.result);
    });
    started.on('error', (error) => abandon(started, error));
    started.on('exit', (code) => abandon(started, new Error(`the hashing thread ended with ${code}`)));
    return started;
  }

  /** The next password starts a new thread. */
  function abandon(ended: Worker, error: Error): void {
    if (worker !== ended) return;
    worker = undefined;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  function run(task: Task): Promise<string | boolean> {
    worker ??= start();
    const thread = worker;
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      thread.ref();
      thread.postMessage({ id, ...task });
    });
  }

  return {
    hash: async (password: string, settings: object) => String(await run({ work: 'hash', password, settings })),
    verify: async (stored: string, password: string) => (await run({ work: 'verify', password, stored })) === true,
  };
}
