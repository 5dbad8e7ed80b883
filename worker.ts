import { EventEmitter } from 'node:events';
import { run, type WorkerEvents } from 'graphile-worker';
import { poolSizes } from '@/db/platform/boot-check';
import { keepPresence } from '@/db/platform/presence';
import { assertSafeDatabase, closeComposition, compose } from '@/lib/composition';
import { readEnv, required } from '@/lib/env';
import { announceReady, createLog } from '@/lib/log';
import { createTasks, parsedCronItems } from '@/lib/tasks';

const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'worker');
const composition = compose(env, log, { poolSize: poolSizes.worker, applicationName: 'studio-worker' });
await assertSafeDatabase(composition);
const { taskList, close } = await createTasks(composition);

const jobsUrl = required('DATABASE_JOBS_URL', env.DATABASE_JOBS_URL);
const presence = keepPresence(jobsUrl, log);
const events: WorkerEvents = new EventEmitter();
events.on('worker:create', ({ worker }) => presence.show(worker.workerId));

const runner = await run({
  connectionString: jobsUrl,
  events,
  maxPoolSize: poolSizes.jobs,
  concurrency: 8,
  noHandleSignals: true,
  pollInterval: 1_000,
  taskList,
  parsedCronItems,
});
// Keys may have changed with this start: nobody should wait for the clock.
await runner.addJob('rotate-keys', {}, { queueName: 'rotate-keys', jobKey: 'rotate-keys' });
announceReady(log);

/** Jobs under way finish; what a kill cuts off is taken up again, because every step can be repeated. */
async function stop(signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  await runner.stop();
  await presence.close();
  await close();
  await closeComposition(composition);
  log.flush();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
