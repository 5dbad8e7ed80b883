import { EventEmitter, once } from 'node:events';
import { Logger, parseCronItems, run, type WorkerEvents } from 'graphile-worker';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openJobsPool } from '@/db/platform/jobs-pool';
import { testStudio, type TestStudio } from '../support/context';
import { startFaultProxyFor, type FaultProxy } from '../support/fault-proxy';
import { waitFor } from '../support/wait-for';

const silent = () => undefined;
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

  it('still hears of a mistake in a statement at once, and of the end of the pool', async () => {
    const pool = openJobsPool(postgres.through(studio.urls.jobsUrl), { max: 1, againAfterMs: 20, log });
    await expect(pool.query('select no_such_column')).rejects.toThrow('no_such_column');
    postgres.down();
    const waiting = pool.query('select 1').then(() => 'answered', () => 'refused');
    await pool.end();
    expect(await waiting).toBe('refused');
  });
});
