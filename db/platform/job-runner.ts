import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, type ParsedCronItem, type Runner, type TaskList, type TaskSpec, type WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { Log } from '@/lib/kernel/log';
import type { Presence } from './presence';

interface JobRunnerOptions {
  pool: pg.Pool;
  presence: Presence;
  log: Log;
  taskList: TaskList;
  parsedCronItems: ParsedCronItem[];
  /** Jobs at a time. */
  concurrency: number;
  /** How often to look for jobs that nobody announced, and how long to wait before a start is tried again, in milliseconds. */
  pollInterval: number;
}

export interface JobRunner {
  addJob(identifier: string, payload: unknown, spec?: TaskSpec): Promise<void>;
  /** Resolves when the jobs under way have ended. */
  stop(): Promise<void>;
}

interface Shift {
  runner: Runner;
  workers: string[];
  /** One of its workers has ended. */
  lost: boolean;
}

/**
 * Runs jobs for as long as the process lives. A worker of graphile-worker that cannot write down how its job ended, as
 * on a full disk or when that connection is cut, ends for good, and nobody takes its place: after eight such moments
 * a process would stand there and do nothing. So at the first one a new runner relieves the old one, which finishes
 * what it has begun. The job that was not written down is given back, and can be repeated like every other.
 */
export async function startJobRunner(options: JobRunnerOptions): Promise<JobRunner> {
  const { presence, log, pollInterval } = options;
  let relief: Promise<void> | undefined;
  let stopping = false;
  const ending = new Set<Promise<void>>();
  let current = await begin(options, relieve);

  function relieve(): void {
    if (stopping || !current.lost) return;
    relief ??= exchange().finally(() => {
      relief = undefined;
      relieve();
    });
  }

  async function exchange(): Promise<void> {
    const next = await beginAtLast();
    if (next === null) return;
    log.warn({ workers: current.workers }, 'the job runner lost a worker and is replaced');
    const ended = end(current).finally(() => ending.delete(ended));
    ending.add(ended);
    current = next;
  }

  async function beginAtLast(): Promise<Shift | null> {
    while (!stopping) {
      try {
        return await begin(options, relieve);
      } catch (error) {
        log.warn({ err: error }, 'the job runner could not be replaced yet');
        await sleep(pollInterval);
      }
    }
    return null;
  }

  async function end({ runner, workers }: Shift): Promise<void> {
    await runner.stop().catch((error: unknown) => log.warn({ err: error }, 'a job runner did not stop well'));
    for (const worker of workers) presence.hide(worker);
  }

  return {
    async addJob(identifier, payload, spec) {
      await current.runner.addJob(identifier, payload, spec);
    },
    async stop() {
      stopping = true;
      await relief;
      await Promise.all([...ending, end(current)]);
    },
  };
}

async function begin({ pool, presence, taskList, parsedCronItems, concurrency, pollInterval }: JobRunnerOptions, relieve: () => void): Promise<Shift> {
  const events: WorkerEvents = new EventEmitter();
  const workers: string[] = [];
  // The runner learns the ids of its tasks with the first look for a job, and never again when that fails.
  const firstLook = new Promise<void>((resolve, reject) => {
    for (const found of ['worker:getJob:empty', 'job:start'] as const) events.once(found, () => resolve());
    events.once('worker:getJob:error', ({ error }) => reject(new Error('the first look for a job failed', { cause: error })));
  });
  // Told when it is awaited.
  firstLook.catch(() => undefined);
  events.on('worker:create', ({ worker }) => {
    workers.push(worker.workerId);
    presence.show(worker.workerId);
  });
  const runner = await run({ pgPool: pool, events, concurrency, noHandleSignals: true, pollInterval, taskList, parsedCronItems });
  const shift: Shift = { runner, workers, lost: false };
  events.on('worker:fatalError', ({ worker }) => {
    presence.hide(worker.workerId);
    shift.lost = true;
    relieve();
  });
  try {
    await firstLook;
    return shift;
  } catch (error) {
    await runner.stop();
    for (const worker of workers) presence.hide(worker);
    throw error;
  }
}
