// Studio as a Railway project: the successor of railway.json. Not run against Railway, nor against its own library, by
// us; tests evaluate it with a stand-in for that library and compare what it describes with .railway/services.json.
import { defineRailway, image, project, service, volume } from 'railway/iac';

/** A shared variable of the environment. They have the names of the .env that scripts/compose-env.mjs writes. */
const shared = (name: string): string => `\${{shared.${name}}}`;
const inside = (name: string): string => `${name}.railway.internal`;

const dockerfile = { builder: 'DOCKERFILE', dockerfilePath: 'Dockerfile' };
const deploy = { restartPolicyType: 'ON_FAILURE', restartPolicyMaxRetries: 10, drainingSeconds: 30 };

const postgres = `@${inside('postgres')}:5432/studio`;
const studioEnvironment = {
  STUDIO_MODE: 'production',
  STUDIO_URL: shared('PUBLIC_URL'),
  GATEWAY_URL: shared('APPWRITE_PUBLIC_URL'),
  STUDIO_ENCRYPTION_KEYS: shared('ENCRYPTION_KEYS'),
  DATABASE_URL: `postgresql://studio_app:${shared('POSTGRES_APP_PASSWORD')}${postgres}`,
  DATABASE_JOBS_URL: `postgresql://studio_jobs:${shared('POSTGRES_JOBS_PASSWORD')}${postgres}`,
  REDIS_URL: `redis://default:${shared('REDIS_STUDIO_PASSWORD')}@${inside('redis')}:6379/1`,
  APPWRITE_PLATFORM_ENDPOINT: `http://${inside('appwrite')}/v1`,
  APPWRITE_PLATFORM_REALTIME_ENDPOINT: `http://${inside('appwrite-realtime')}/v1`,
  APPWRITE_PLATFORM_PUBLIC_ENDPOINT: `${shared('APPWRITE_PUBLIC_URL')}/v1`,
  APPWRITE_PLATFORM_EMAIL: shared('APPWRITE_PLATFORM_EMAIL'),
  APPWRITE_PLATFORM_PASSWORD: shared('APPWRITE_PLATFORM_PASSWORD'),
  SMTP_URL: shared('SMTP_URL'),
  MAIL_FROM: shared('MAIL_FROM'),
  TRUSTED_PROXY_HOPS: '1',
  LOG_LEVEL: 'info',
};

const appwriteEnvironment = {
  _APP_ENV: 'production',
  _APP_EDITION: 'self-hosted',
  _APP_LOCALE: 'en',
  // Whoever reaches a fresh Appwrite first owns it: only Studio's own account may sign up.
  _APP_CONSOLE_WHITELIST_ROOT: 'enabled',
  _APP_CONSOLE_WHITELIST_EMAILS: shared('APPWRITE_PLATFORM_EMAIL'),
  _APP_OPTIONS_ABUSE: 'enabled',
  _APP_OPTIONS_FORCE_HTTPS: 'disabled',
  _APP_OPTIONS_ROUTER_PROTECTION: 'disabled',
  _APP_OPENSSL_KEY_V1: shared('APPWRITE_OPENSSL_KEY'),
  _APP_DOMAIN: shared('APPWRITE_DOMAIN'),
  _APP_CONSOLE_DOMAIN: shared('APPWRITE_DOMAIN'),
  _APP_DOMAIN_FUNCTIONS: `functions.${shared('APPWRITE_DOMAIN')}`,
  _APP_DOMAIN_SITES: `sites.${shared('APPWRITE_DOMAIN')}`,
  _APP_DOMAIN_TARGET_CNAME: shared('APPWRITE_DOMAIN'),
  _APP_DB_ADAPTER: 'mariadb',
  _APP_DB_HOST: inside('mariadb'),
  _APP_DB_PORT: '3306',
  _APP_DB_SCHEMA: 'appwrite',
  _APP_DB_USER: 'appwrite',
  _APP_DB_PASS: shared('MARIADB_PASSWORD'),
  _APP_REDIS_HOST: inside('appwrite-redis'),
  _APP_REDIS_PORT: '6379',
  _APP_REDIS_USER: 'default',
  _APP_REDIS_PASS: shared('REDIS_APPWRITE_PASSWORD'),
  _APP_SYSTEM_EMAIL_NAME: 'Appwrite',
  _APP_SYSTEM_EMAIL_ADDRESS: shared('APPWRITE_EMAIL_ADDRESS'),
  _APP_SMTP_HOST: shared('APPWRITE_SMTP_HOST'),
  _APP_SMTP_PORT: shared('APPWRITE_SMTP_PORT'),
  _APP_SMTP_SECURE: shared('APPWRITE_SMTP_SECURE'),
  _APP_SMTP_USERNAME: shared('APPWRITE_SMTP_USERNAME'),
  _APP_SMTP_PASSWORD: shared('APPWRITE_SMTP_PASSWORD'),
  // A volume belongs to one service here, and several processes of Appwrite need the files.
  _APP_STORAGE_DEVICE: 's3',
  _APP_STORAGE_S3_ACCESS_KEY: shared('APPWRITE_S3_ACCESS_KEY'),
  _APP_STORAGE_S3_SECRET: shared('APPWRITE_S3_SECRET'),
  _APP_STORAGE_S3_REGION: shared('APPWRITE_S3_REGION'),
  _APP_STORAGE_S3_BUCKET: shared('APPWRITE_S3_BUCKET'),
  _APP_STORAGE_S3_ENDPOINT: shared('APPWRITE_S3_ENDPOINT'),
  _APP_STORAGE_LIMIT: '30000000',
  _APP_STORAGE_ANTIVIRUS: 'disabled',
  _APP_USAGE_STATS: 'disabled',
  _APP_MAINTENANCE_INTERVAL: '86400',
  // Railway's health check asks this port.
  PORT: '80',
};

/** A Redis without users: here each product has one of its own. */
function redis(name: string, password: string) {
  return service(name, {
    source: image('redis:7.4-bookworm'),
    start: '/bin/sh -c "exec docker-entrypoint.sh redis-server --requirepass $REDIS_PASSWORD --appendonly yes --maxmemory-policy noeviction"',
    volumeMounts: { '/data': volume(`${name}-data`) },
    env: { REDIS_PASSWORD: shared(password) },
  });
}

/** A process of Appwrite beside its API: `start` is a program of the image. */
function appwritePart(name: string, start: string) {
  return service(name, { source: image('appwrite/appwrite:1.9.10'), start, deploy, env: appwriteEnvironment });
}

// oxlint-disable-next-line import/no-default-export -- Railway's tool asks for the default export.
export default defineRailway(() =>
  project('studio', {
    resources: [
      service('studio-backend', {
        build: dockerfile,
        preDeploy: 'node --enable-source-maps dist/migrate.js',
        // The migration runs with the variables of this service, so the server drops those that are not for it.
        start: 'env -u DATABASE_OWNER_URL -u DATABASE_BACKUP_URL node --max-old-space-size=192 --max-semi-space-size=8 dist/server.js',
        healthcheck: '/ready',
        healthcheckTimeout: 120,
        deploy,
        env: {
          ...studioEnvironment,
          DATABASE_OWNER_URL: `postgresql://studio_owner:${shared('POSTGRES_OWNER_PASSWORD')}${postgres}`,
          HOST: '0.0.0.0',
          PORT: '3000',
        },
      }),
      service('studio-worker', { build: dockerfile, start: 'node --enable-source-maps dist/worker.js', deploy, env: studioEnvironment }),
      service('postgres', {
        source: image('postgres:18.6-bookworm'),
        start: 'docker-entrypoint.sh postgres -c max_connections=200 -c log_min_error_statement=panic -c jit=off',
        volumeMounts: { '/var/lib/postgresql': volume('postgres-data') },
        env: {
          POSTGRES_USER: 'studio_owner',
          POSTGRES_PASSWORD: shared('POSTGRES_OWNER_PASSWORD'),
          POSTGRES_DB: 'studio',
          POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256 --auth-local=scram-sha-256',
        },
      }),
      redis('redis', 'REDIS_STUDIO_PASSWORD'),
      service('appwrite', { source: image('appwrite/appwrite:1.9.10'), healthcheck: '/v1/health/version', healthcheckTimeout: 300, deploy, env: appwriteEnvironment }),
      appwritePart('appwrite-realtime', 'realtime'),
      appwritePart('appwrite-worker-databases', 'worker-databases'),
      appwritePart('appwrite-worker-deletes', 'worker-deletes'),
      appwritePart('appwrite-worker-audits', 'worker-audits'),
      appwritePart('appwrite-worker-certificates', 'worker-certificates'),
      appwritePart('appwrite-worker-mails', 'worker-mails'),
      appwritePart('appwrite-worker-messaging', 'worker-messaging'),
      appwritePart('appwrite-worker-webhooks', 'worker-webhooks'),
      appwritePart('appwrite-task-maintenance', 'maintenance'),
      service('mariadb', {
        source: image('mariadb:10.11'),
        // The volume is a file system of its own, and its lost+found is no database.
        start: 'docker-entrypoint.sh mariadbd --innodb-flush-method=fsync --ignore-db-dirs=lost+found',
        volumeMounts: { '/var/lib/mysql': volume('mariadb-data') },
        env: {
          MARIADB_ROOT_PASSWORD: shared('MARIADB_ROOT_PASSWORD'),
          MARIADB_DATABASE: 'appwrite',
          MARIADB_USER: 'appwrite',
          MARIADB_PASSWORD: shared('MARIADB_PASSWORD'),
        },
      }),
      redis('appwrite-redis', 'REDIS_APPWRITE_PASSWORD'),
    ],
  }),
);
