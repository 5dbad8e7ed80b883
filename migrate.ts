import { migrate } from '@/db/platform/migrate';
import { readEnv, required } from '@/lib/env';
import { createLog } from '@/lib/log';

const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'migrate');

await migrate({
  ownerUrl: required('DATABASE_OWNER_URL', env.DATABASE_OWNER_URL),
  appUrl: env.DATABASE_URL,
  backupUrl: env.DATABASE_BACKUP_URL,
  jobsUrl: required('DATABASE_JOBS_URL', env.DATABASE_JOBS_URL),
});
log.info({}, 'the platform database is up to date');
