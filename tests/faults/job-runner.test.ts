import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startJobRunner, type JobRunner } from '@/db/platform/job-runner';
import { openJobsPool } from '@/db/platform/jobs-pool';
import { keepPresence, type Presence } from '@/db/platform/presence';
import { testStudio, type TestStudio } from '../support/context';
import { figure } from '../support/figure';
import { waitFor } from '../support/wait-for';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const concurrency = 3;

describe('workers that cannot write down how their jobs ended', () => {
  let studio: TestStudio;
  let pool: ReturnType<typeof openJobsPool>;
  let presence: Presence;
  let runner: JobRunner;
  let ran: string[] = [];

  beforeAll(async () => {
    studio = await testStudio();
    pool = openJobsPool(studio.urls.jobsUrl, { max: 4, log });
    presence = keepPresence(studio.urls.jobsUrl, log);
    const note = (payload: unknown) => void ran.push((payload as { name: string }).name);
    runner = await startJobRunner({ pool, presence, log, concurrency, pollInterval: 100, parsedCronItems: [], taskList: { note } });
  });

  afterEach(async () => {
    await studio.raw('drop trigger if exists no_room on graphile_worker._private_jobs');
  });

  afterAll(async () => {
    await runner.stop();
    await presence.close();
    await pool.end();
    await studio.close();
  });

  /** What Postgres says to any write while its disk is full. */
  async function fillDisk(): Promise<void> {
    await studio.raw(
      `create or replace function public.no_room() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`,
    );
    await studio.raw('create trigger no_room before delete on graphile_worker._private_jobs for each row execute function public.no_room()');
  }

  const left = async () => (await studio.raw(`select 1 from graphile_worker._private_jobs`)).length;

  it('are replaced, time after time, and every job is done and written down in the end', { timeout: 120_000 }, async (context) => {
    const wanted: string[] = [];
    const rounds = 2;
    for (let round = 0; round < rounds; round += 1) {
      await fillDisk();
      // More than there are workers: all of them meet it.
      for (let n = 0; n < 3 * concurrency; n += 1) {
        wanted.push(`${round}-${n}`);
        await runner.addJob('note', { name: `${round}-${n}` });
      }
      await waitFor(() => new Set(ran).size >= wanted.length, { what: 'every job to have run once at least', withinMs: 30_000 });
      await studio.raw('drop trigger no_room on graphile_worker._private_jobs');
      await waitFor(async () => (await left()) === 0, { what: 'every job to be written down', withinMs: 30_000 });
    }
    expect(new Set(ran)).toEqual(new Set(wanted));
    ran = [];
    const startedMs = performance.now();
    for (let n = 0; n < concurrency; n += 1) await runner.addJob('note', { name: `after ${n}` });
    await waitFor(() => ran.length === concurrency, { what: 'jobs to run as before' });
    figure(context, {
      requirements: ['F13', 'F4'],
      what: `Jobs that nobody ran or wrote down any more, after all ${concurrency} workers of a process had failed to`,
      reached: `${await left()} of ${wanted.length}; the next ones after ${Math.round(performance.now() - startedMs)} ms`,
      bound: '0',
      pass: (await left()) === 0,
    });
  });
});
