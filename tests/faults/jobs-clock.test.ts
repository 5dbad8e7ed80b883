import { EventEmitter, once } from 'node:events';
import { Logger, parseCronItems, run, type WorkerEvents } from 'graphile-worker';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { openJobsPool } from '@/db/platform/jobs-pool';
import { parsedCronItems } from '@/lib/tasks';
import { testStudio, type TestStudio } from '../support/context';
import { startFaultProxyFor, type FaultProxy } from '../support/fault-proxy';
import { figure } from '../support/figure';
import { waitFor } from '../support/wait-for';

const silent = () => undefined;
const ByClock = z.object({ _cron: z.object({ ts: z.string() }) });
const log = { debug: silent, info: silent, warn: silent, error: silent };

describe('the clock of the jobs', () => {
  let studio: TestStudio;
  let postgres: FaultProxy;

  beforeAll(async () => {
    studio = await testStudio();
    postgres = await startFaultProxyFor(studio.urls.jobsUrl);
  });

  afterEach(() => {
    vi.useRealTimers();
    postgres.heal();
  });

  afterAll(async () => {
    await postgres.close();
    await studio.close();
  });

  it('outlives a full minute without Postgres, and runs what was due then', async () => {
    // Only what time it is: waiting stays real.
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T10:00:59.800Z') });
    const ran: unknown[] = [];
    const waits: string[] = [];
    const pool = openJobsPool(postgres.through(studio.urls.jobsUrl), {
      max: 3,
      againAfterMs: 50,
      log: { ...log, warn: (_, message) => waits.push(message ?? '') },
    });
    const events: WorkerEvents = new EventEmitter();
    const lookedForJobs = once(events, 'worker:getJob:empty');
    const runner = await run({
      pgPool: pool,
      events,
      logger: new Logger(() => silent),
      noHandleSignals: true,
      pollInterval: 100,
      taskList: { 'every-minute': (payload) => void ran.push(payload) },
      parsedCronItems: parseCronItems([{ task: 'every-minute', match: '* * * * *', identifier: 'every-minute' }]),
    });
    let ended = false;
    runner.promise.then(() => (ended = true), () => (ended = true));
    await lookedForJobs;
    await waitFor(async () => (await studio.raw('select 1 from graphile_worker._private_known_crontabs')).length > 0, { what: 'the clock to start' });
    postgres.down();
    vi.setSystemTime(new Date('2026-03-01T10:01:00.050Z'));
    await waitFor(() => waits.length >= 3, { what: 'the clock to wait for Postgres' });
    expect(ended).toBe(false);
    postgres.heal();
    await waitFor(() => ran.length > 0, { what: 'the job of that minute to run' });
    expect(ran).toMatchObject([{ _cron: { ts: '2026-03-01T10:01:00.000Z' } }]);
    await runner.stop();
    await pool.end();
  });

  it('asks for every recurring job again at its next time, however its last run ended', { timeout: 120_000 }, async (context) => {
    // So close to the full hour that the clock looks several times a second whether it has come.
    const endOf = (hour: number) => new Date(`2026-03-01T${hour}:59:59.900Z`);
    vi.useFakeTimers({ toFake: ['Date'], now: endOf(10) });
    let well = false;
    const ran = new Set<string>();
    const tasks = [...new Set(parsedCronItems.map(({ task }) => task))];
    const attempt = (task: string, payload: unknown): Promise<void> => {
      ran.add(`${task} ${ByClock.parse(payload)._cron.ts.slice(11, 13)}`);
      return well ? Promise.resolve() : Promise.reject(new Error('this job is poisoned'));
    };
    const runner = await run({
      connectionString: studio.urls.jobsUrl, logger: new Logger(() => silent), noHandleSignals: true, pollInterval: 100, concurrency: 4,
      taskList: Object.fromEntries(tasks.map((task) => [task, (payload) => attempt(task, payload)])), parsedCronItems: [...parsedCronItems],
    });
    await waitFor(async () => (await studio.raw('select from graphile_worker._private_known_crontabs')).length >= parsedCronItems.length, { what: 'the clock to start' });
    const missed: string[] = [];
    for (const hour of [11, 12, 13, 14]) {
      well = hour === 14;
      vi.setSystemTime(endOf(hour));
      const due = tasks.map((task) => `${task} ${hour}`);
      await waitFor(() => due.every((each) => ran.has(each)), { what: 'the jobs of the hour', withinMs: 15_000 }).catch(() => missed.push(...due.filter((each) => !ran.has(each))));
      await waitFor(async () => (await studio.raw('select from graphile_worker._private_jobs where locked_at is not null')).length === 0, { what: 'the jobs to end' });
      // In the first hour they are left to try again, then they have failed for good.
      if (hour > 11) await studio.raw('update graphile_worker._private_jobs set attempts = max_attempts');
    }
    await runner.stop();
    expect.soft(missed).toEqual([]);
    figure(context, {
      requirements: ['P9'],
      what: 'Recurring jobs that were not run at their next time because the last run failed, was still to be repeated, or had failed for good',
      reached: `${missed.length} of ${tasks.length} jobs × 4 hours`,
      bound: '0',
      pass: missed.length === 0 && tasks.length > 3,
    });
  });

  it('still hears of a mistake in a statement at once, and of the end of the pool', async () => {
    const pool = openJobsPool(postgres.through(studio.urls.jobsUrl), { max: 1, againAfterMs: 20, log });
    await expect(pool.query('select no_such_column')).rejects.toThrow('no_such_column');
    postgres.down();
    const waiting = pool.query('select 1').then(() => 'answered', () => 'refused');
    await pool.end();
    expect(await waiting).toBe('refused');
  });
});
