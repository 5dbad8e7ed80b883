import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { doors, families } from '@/app/api/_routes/doors';
import { poolSizes } from '@/db/platform/boot-check';
import { startJobRunner } from '@/db/platform/job-runner';
import { openJobsPool } from '@/db/platform/jobs-pool';
import { keepPresence } from '@/db/platform/presence';
import { assertSafeDatabase, closeComposition, compose } from '@/lib/composition';
import { readEnv, required } from '@/lib/env';
import { probedApi } from '@/lib/http/probed-api';
import { announceReady, createLog } from '@/lib/log';
import { createTasks, parsedCronItems } from '@/lib/tasks';

/** Together below the 25 s after which whoever asked for the stop may lose patience. */
const finishWithinMs = 18_000;
const closeWithinMs = 3_000;

const resumeEveryMs = 10_000;

// On a machine that is shared with the server, people who wait for an answer come before jobs. Not the lowest priority:
// with that a busy server leaves no time at all, and then leases and connections run out.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'worker');
const composition = compose(env, log, { poolSize: poolSizes.worker, applicationName: 'studio-worker' });
await assertSafeDatabase(composition);
const { taskList, close } = await createTasks(composition, probedApi(composition, doors, families));

const jobsUrl = required('DATABASE_JOBS_URL', env.DATABASE_JOBS_URL);
const jobsPool = openJobsPool(jobsUrl, { max: poolSizes.jobs, log });
const presence = keepPresence(jobsUrl, log);
const runner = await startJobRunner({ pool: jobsPool, presence, log, taskList, parsedCronItems, concurrency: 8, pollInterval: 1_000 });
// Keys may have changed with this start: nobody should wait for the clock.
await runner.addJob('rotate-keys', {}, { queueName: 'rotate-keys', jobKey: 'rotate-keys' });

// The clock of the jobs knows minutes, and people watch their sagas. However many workers ask, it is one job.
const resuming = setInterval(() => {
  runner.addJob('resume-sagas', {}, { jobKey: 'resume-sagas' }).catch((error: unknown) => log.warn({ err: error }, 'could not ask for the lost sagas'));
}, resumeEveryMs);

/**
 * Jobs under way may finish, within limits: one that waits for a server that hangs would keep the process for ever.
 * What is cut off, here or by a kill, is taken up again by another worker, because every step can be repeated.
 */
async function stop(signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  clearInterval(resuming);
  const finished = await endsWithin(finishWithinMs, runner.stop());
  if (!finished) log.warn({ waited_ms: finishWithinMs }, 'jobs are cut off in the middle; they will be taken up again');
  const closed = await endsWithin(closeWithinMs, closeAll());
  if (!closed) log.warn({}, 'connections are cut instead of closed');
  log.flush();
  process.exit(0);
}

async function closeAll(): Promise<void> {
  await presence.close();
  await close();
  await jobsPool.end();
  await closeComposition(composition);
}

async function endsWithin(ms: number, work: Promise<void>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(ms, false)]);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
// Last: whoever hears it may ask for the stop at once.
announceReady(log);
