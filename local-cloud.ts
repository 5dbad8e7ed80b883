import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { readEnv } from '@/lib/env';
import { createAppwriteStandIn } from '@/lib/local-cloud/appwrite/server';
import { createMailStandIn } from '@/lib/local-cloud/mail/server';
import { createRailwayStandIn } from '@/lib/local-cloud/railway/server';
import { announceReady, createLog } from '@/lib/log';

// A real Appwrite has a machine of its own; this one must not slow the answers of Studio, nor starve where a build runs.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** Stand-ins for what is not configured: whoever starts this process names a port for each that is wanted. */
const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'local-cloud');
const dataDir = path.resolve(env.STUDIO_DATA_DIR ?? '.studio');
const host = '127.0.0.1';
const running: Array<{ close(): Promise<void> }> = [];
const urls: Record<string, string> = {};

if (env.LOCAL_SMTP_PORT !== undefined && env.LOCAL_MAILBOX_PORT !== undefined) {
  const mail = await createMailStandIn({ folder: path.join(dataDir, 'mail'), log, mode: env.STUDIO_MODE });
  const started = await mail.listen({ smtp: env.LOCAL_SMTP_PORT, mailbox: env.LOCAL_MAILBOX_PORT });
  running.push(started);
  Object.assign(urls, { smtp: started.smtpUrl, mailbox: started.mailboxUrl });
}

if (env.LOCAL_APPWRITE_DATABASE_URL !== undefined && env.LOCAL_APPWRITE_PORT !== undefined) {
  const appwrite = await createAppwriteStandIn({
    databaseUrl: env.LOCAL_APPWRITE_DATABASE_URL,
    dataDir: path.join(dataDir, 'appwrite'),
    mode: env.STUDIO_MODE,
    log: (line) => log.info({}, line),
    allowFaults: env.LOCAL_APPWRITE_FAULTS,
  });
  const started = await appwrite.listen(env.LOCAL_APPWRITE_PORT, host);
  running.push({
    async close() {
      await started.close();
      await appwrite.stop();
    },
  });
  urls.appwrite = started.url;
}

if (env.LOCAL_RAILWAY_PORT !== undefined && env.LOCAL_RAILWAY_TOKEN !== undefined) {
  const railway = await createRailwayStandIn({
    dataDir: path.join(dataDir, 'railway'),
    mode: env.STUDIO_MODE,
    log: (line) => log.info({}, line),
    tokens: [env.LOCAL_RAILWAY_TOKEN],
    exampleDir: path.resolve('examples/notes'),
    allowFaults: env.LOCAL_RAILWAY_FAULTS,
    // Apps talk to their Appwrite, by the gateway or directly, and to nothing else of this machine.
    reachable: [new URL('/v1', env.GATEWAY_URL ?? env.STUDIO_URL).href, env.APPWRITE_PLATFORM_PUBLIC_ENDPOINT, env.APPWRITE_PLATFORM_ENDPOINT].filter((url) => url !== undefined),
    hidden: [process.cwd(), dataDir],
  });
  const started = await railway.listen(env.LOCAL_RAILWAY_PORT, host);
  running.push({
    async close() {
      await started.close();
      await railway.stop();
    },
  });
  urls.railway = started.url;
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
announceReady(log, urls);

async function stop(): Promise<void> {
  await Promise.all(running.map((standIn) => standIn.close()));
  log.flush();
  process.exit(0);
}
