import { run } from 'graphile-worker';
import { poolSizes } from '@/db/platform/boot-check';
import { assertSafeDatabase, closeComposition, compose } from '@/lib/composition';
import { readEnv, required } from '@/lib/env';
import { announceReady, createLog } from '@/lib/log';
import { createTasks, parsedCronItems } from '@/lib/tasks';

const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'worker');
const composition = compose(env, log, { poolSize: poolSizes.worker, applicationName: 'studio-worker' });
await assertSafeDatabase(composition);
const { taskList, close } = await createTasks(composition);

const runner = await run({
  connectionString: required('DATABASE_JOBS_URL', env.DATABASE_JOBS_URL),
  maxPoolSize: poolSizes.jobs,
  concurrency: 8,
  noHandleSignals: true,
  pollInterval: 1_000,
  taskList,
  parsedCronItems,
});
announceReady(log);

/** Jobs under way finish; what a kill cuts off is taken up again, because every step can be repeated. */
async function stop(signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  await runner.stop();
  await close();
  await closeComposition(composition);
  log.flush();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
