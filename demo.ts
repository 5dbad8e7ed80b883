import { seedDemo } from '@/lib/seed-demo';
import { closeComposition, compose } from '@/lib/composition';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';

const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'demo');
const composition = compose(env, log, { poolSize: 2, applicationName: 'studio-demo' });
await seedDemo(composition);
await closeComposition(composition);
log.flush();
