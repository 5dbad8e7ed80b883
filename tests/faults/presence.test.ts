import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepPresence } from '@/db/platform/presence';
import { testStudio, type TestStudio } from '../support/context';
import { waitFor } from '../support/wait-for';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

describe('jobs of workers that are gone', () => {
  let studio: TestStudio;

  beforeAll(async () => {
    studio = await testStudio();
  });

  afterAll(async () => {
    await studio.close();
  });

  /** A job as the runner leaves it while a worker is busy with it. */
  async function jobOf(worker: string, seconds: number): Promise<void> {
    await studio.raw(`select graphile_worker.add_job('send-mail', '{}'::json)`);
    await studio.raw(`update graphile_worker._private_jobs set locked_by = $1, locked_at = now() - $2 * interval '1 second' where locked_by is null`, [worker, seconds]);
  }

  async function workersWithJobs(): Promise<string[]> {
    const rows = await studio.raw<{ locked_by: string }>(`select locked_by from graphile_worker._private_jobs where locked_by is not null order by 1`);
    return [...new Set(rows.map(({ locked_by: worker }) => worker))];
  }

  it('are given back within seconds; those of the living, and of one that has just begun, stay', async () => {
    const living = keepPresence(studio.urls.jobsUrl, log);
    living.show('worker-living');
    try {
      await jobOf('worker-gone', 60);
      await jobOf('worker-living', 60);
      expect(await workersWithJobs()).toEqual(['worker-gone', 'worker-living']);
      await waitFor(async () => !(await workersWithJobs()).includes('worker-gone'), { what: 'the job to be given back' });
      // One that has begun is missing for a moment, until it is shown.
      await jobOf('worker-new', 60);
      await delay(2_500);
      expect(await workersWithJobs()).toEqual(['worker-living', 'worker-new']);
      living.show('worker-new');
      await delay(6_000);
      expect(await workersWithJobs()).toEqual(['worker-living', 'worker-new']);
    } finally {
      await living.close();
    }
  });

  it('are given back by another process when their own connection ends, and kept when it only had to be made anew', async () => {
    const first = keepPresence(studio.urls.jobsUrl, log);
    const second = keepPresence(studio.urls.jobsUrl, log);
    try {
      first.show('worker-first');
      second.show('worker-second');
      await jobOf('worker-first', 60);
      await jobOf('worker-second', 60);
      await studio.raw(`update graphile_worker._private_jobs set locked_at = now() + interval '1 minute' where locked_by = 'worker-second'`);
      // Both sessions end; each process comes back and shows its workers again.
      await studio.raw(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'studio-presence' and datname = current_database()`);
      await waitFor(async () => (await locksHeld()) === 2, { what: 'both to be back' });
      await studio.raw(`update graphile_worker._private_jobs set locked_at = now() - interval '1 minute' where locked_by = 'worker-second'`);
      await first.close();
      await waitFor(async () => !(await workersWithJobs()).includes('worker-first'), { what: 'the job of the first to be given back' });
      expect(await workersWithJobs()).toContain('worker-second');
    } finally {
      await first.close();
      await second.close();
    }
  });

  async function locksHeld(): Promise<number> {
    const rows = await studio.raw<{ held: number }>(
      `select count(*)::int as held from pg_locks where locktype = 'advisory' and objsubid = 2 and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows[0]?.held ?? 0;
  }
});
