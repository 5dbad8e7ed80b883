import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { randomSecret, readJson, writeJson } from '../files.mjs';
import { isPortFree, nextFreePort } from '../ports.mjs';
import { UsageError, parsePort } from './args.mjs';

const DEFAULT_PORTS = { server: 3000, appwrite: 3010, smtp: 3025, mailbox: 3080, railway: 3040 };
const GROUPS = {
  database: ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_JOBS_URL'],
  appwrite: ['APPWRITE_PLATFORM_ENDPOINT', 'APPWRITE_PLATFORM_EMAIL', 'APPWRITE_PLATFORM_PASSWORD'],
};

/** The same as in `lib/seed-demo.ts`, which makes it; a test holds the two together. */
export const DEMO_LOGIN = { email: 'demo@studio.localhost', password: 'studio-demo-2026' };

/** Which real services the environment names; what it does not name gets a stand-in. */
export function configuredServices(env) {
  const services = {};
  for (const [service, names] of Object.entries(GROUPS)) {
    const missing = names.filter((name) => !env[name]);
    if (missing.length > 0 && missing.length < names.length) {
      throw new UsageError(`${names.join(', ')} go together; ${missing.join(' and ')} is not set`);
    }
    services[service] = missing.length === 0;
  }
  return { ...services, smtp: Boolean(env.SMTP_URL), redis: Boolean(env.REDIS_URL), railway: hasRailway(env) };
}

/** In production the real one is meant whether it is named or not. */
const hasRailway = (env) => Boolean(env.RAILWAY_API_URL) || env.STUDIO_MODE === 'production';

/** Made once and kept, readable by their owner alone. */
export async function localSecrets(dataDir) {
  const file = path.join(dataDir, 'secrets.json');
  const kept = await readJson(file);
  const secrets = {
    encryptionKeys: `k1:${randomBytes(32).toString('base64')}`,
    appwriteEmail: 'platform@studio.local',
    appwritePassword: randomSecret(),
    railwayToken: randomSecret(),
    ...kept,
  };
  if (JSON.stringify(kept) !== JSON.stringify(secrets)) await writeJson(file, secrets);
  return secrets;
}

/** The ports of last time, or the next free ones; a port asked for by name is taken or refused. */
export async function choosePorts(dataDir, { asked, env, services }) {
  const file = path.join(dataDir, 'ports.json');
  const known = (await readJson(file)) ?? {};
  const kept = { ...DEFAULT_PORTS, ...known };
  const wanted = {
    server: asked ?? parsePort('PORT', env.PORT),
    appwrite: parsePort('LOCAL_APPWRITE_PORT', env.LOCAL_APPWRITE_PORT),
    smtp: parsePort('LOCAL_SMTP_PORT', env.LOCAL_SMTP_PORT),
    mailbox: parsePort('LOCAL_MAILBOX_PORT', env.LOCAL_MAILBOX_PORT),
    railway: parsePort('LOCAL_RAILWAY_PORT', env.LOCAL_RAILWAY_PORT),
  };
  const unused = { appwrite: services.appwrite, smtp: services.smtp, mailbox: services.smtp, railway: services.railway };
  const ports = {};
  const moved = [];
  for (const [name, preferred] of Object.entries(kept)) {
    if (unused[name]) continue;
    const host = name === 'server' ? (env.HOST ?? '127.0.0.1') : '127.0.0.1';
    const taken = new Set(Object.values(ports));
    if (wanted[name] !== undefined) {
      if (taken.has(wanted[name]) || !(await isPortFree(wanted[name], host))) {
        throw new UsageError(`port ${wanted[name]} is in use; choose another, or leave it out to get a free one`);
      }
      ports[name] = wanted[name];
    } else {
      ports[name] = await nextFreePort(preferred, host, taken);
      // Nobody knows a port yet that was never used, except the one that everybody expects.
      const expected = name in known || name === 'server';
      if (expected && ports[name] !== preferred) moved.push([name, preferred, ports[name]]);
    }
  }
  await writeJson(file, { ...kept, ...ports });
  return { ports, moved };
}

/**
 * The variables of all processes: what the person set, then what stands in for the rest.
 * @param {{ env: NodeJS.ProcessEnv, dataDir: string, dev: boolean, services: object, ports: object, secrets: object, postgres?: { urls: object } }} input
 */
export function processEnvironment({ env, dataDir, dev, services, ports, secrets, postgres }) {
  const host = env.HOST ?? '127.0.0.1';
  const values = {
    ...withoutNpm(env),
    NODE_ENV: dev ? 'development' : 'production',
    STUDIO_DEV: String(dev),
    NEXT_TELEMETRY_DISABLED: '1',
    STUDIO_MODE: env.STUDIO_MODE ?? 'local',
    STUDIO_DATA_DIR: dataDir,
    STUDIO_URL: env.STUDIO_URL ?? `http://localhost:${ports.server}`,
    STUDIO_ENCRYPTION_KEYS: env.STUDIO_ENCRYPTION_KEYS ?? secrets.encryptionKeys,
    HOST: host,
    PORT: String(ports.server),
    MAIL_FROM: env.MAIL_FROM ?? 'Studio <studio@localhost>',
    LOG_LEVEL: env.LOG_LEVEL ?? 'info',
  };
  if (!services.database) {
    values.DATABASE_URL = postgres.urls.app;
    values.DATABASE_OWNER_URL = postgres.urls.owner;
    values.DATABASE_JOBS_URL = postgres.urls.jobs;
  }
  if (!services.appwrite) {
    values.LOCAL_APPWRITE_DATABASE_URL = postgres.urls.appwrite;
    values.LOCAL_APPWRITE_PORT = String(ports.appwrite);
    values.APPWRITE_PLATFORM_ENDPOINT = `http://127.0.0.1:${ports.appwrite}/v1`;
    values.APPWRITE_PLATFORM_EMAIL = secrets.appwriteEmail;
    values.APPWRITE_PLATFORM_PASSWORD = secrets.appwritePassword;
  }
  if (!services.smtp) {
    values.LOCAL_SMTP_PORT = String(ports.smtp);
    values.LOCAL_MAILBOX_PORT = String(ports.mailbox);
    values.SMTP_URL = `smtp://127.0.0.1:${ports.smtp}`;
  }
  if (!services.railway) {
    values.LOCAL_RAILWAY_PORT = String(ports.railway);
    values.LOCAL_RAILWAY_TOKEN = secrets.railwayToken;
    values.LOCAL_RAILWAY_FAULTS = 'false';
    values.RAILWAY_API_URL = `http://127.0.0.1:${ports.railway}/graphql/v2`;
  }
  return values;
}

/** Who may hold what: a variable that opens more than its process needs stays with the one that needs it. */
const ONLY_FOR = {
  DATABASE_OWNER_URL: ['migrate'],
  DATABASE_BACKUP_URL: ['migrate'],
  LOCAL_APPWRITE_DATABASE_URL: ['local-cloud'],
  LOCAL_RAILWAY_TOKEN: ['local-cloud', 'server', 'worker'],
};

/** The variables of one process. */
export function environmentFor(name, values) {
  return Object.fromEntries(Object.entries(values).filter(([variable]) => ONLY_FOR[variable]?.includes(name) ?? true));
}

/** npm's own variables would reach every child and mean nothing there. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('npm_')));
}
