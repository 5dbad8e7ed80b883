import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailStandIn } from '@/lib/local-cloud/mail/server';
import { removePostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { mailboxAt } from '../support/mailbox';
import { testDatabase, withClient, type TestDatabase } from '../support/postgres';
import { testRedis, type TestRedis } from '../support/redis';
import { up } from '../support/up';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

let dataDir: string;
let database: TestDatabase;
let redis: TestRedis;
let mail: { smtpUrl: string; mailboxUrl: string; close(): Promise<void> };
let running: ReturnType<typeof up>;
let url: string;
let services: Record<string, string>;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'studio-services-'));
  database = await testDatabase();
  redis = await testRedis();
  const receiver = await createMailStandIn({ folder: path.join(dataDir, 'other-mail'), log: silent, mode: 'local' });
  mail = await receiver.listen({ smtp: 0, mailbox: 0 });
  services = {
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_JOBS_URL: database.jobsUrl,
    REDIS_URL: redis.url,
    SMTP_URL: mail.smtpUrl,
  };
  const port = await anyFreePort();
  url = `http://localhost:${port}`;
  running = up(dataDir, ['--port', String(port)], services);
  await running.says(/Studio is ready/);
});

afterAll(async () => {
  running.signal('SIGTERM');
  await running.ended;
  await removePostgres(dataDir);
  await mail.close();
  await redis.stop();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('npm run up with services of the environment', () => {
  it('says that there is no mailbox of its own', () => {
    expect(running.output()).not.toMatch(/Mailbox/);
    expect(running.output()).toMatch(/Appwrite\s+local stand-in/);
  });

  it('puts accounts into the named database, and mail and counters where they belong', async () => {
    const response = await fetch(`${url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery', first_name: 'Ada', last_name: 'Lovelace' }),
    });
    expect(response.status).toBe(202);
    const message = await mailboxAt(mail.mailboxUrl).waitForMessage('ada@example.com', /./);
    expect(message.text).toContain(`${url}/verify-email#token=`);
    const { rows } = await withClient(database.ownerUrl, (client) => client.query('select email from users order by email'));
    expect(rows).toEqual([{ email: 'ada@example.com' }, { email: 'demo@studio.localhost' }]);
    const client = new Redis(redis.url);
    expect((await client.keys('studio:*')).length).toBeGreaterThan(0);
    client.disconnect();
  });

  it('refuses half a group of variables, and stand-ins in production', async () => {
    const half = up(await mkdtemp(path.join(dataDir, 'half-')), [], { DATABASE_URL: database.appUrl });
    expect(await half.ended).toBe(2);
    expect(half.output()).toContain('DATABASE_OWNER_URL and DATABASE_JOBS_URL is not set');
    const production = up(await mkdtemp(path.join(dataDir, 'production-')), [], { ...services, STUDIO_MODE: 'production' });
    expect(await production.ended).toBe(2);
    expect(production.output()).toContain('nothing is configured for: appwrite');
  });

  it('--reset without a terminal wants --yes, and then leaves only what is not ours', async () => {
    const secrets = await readFile(path.join(dataDir, 'secrets.json'), 'utf8');
    running.signal('SIGTERM');
    await running.ended;
    const unsure = up(dataDir, ['--reset'], services);
    expect(await unsure.ended).toBe(2);
    expect(unsure.output()).toMatch(/add --yes/);
    running = up(dataDir, ['--reset', '--yes', '--no-demo'], services);
    await running.says(/Studio is ready/);
    expect(running.output()).toMatch(/delete all local data/);
    expect(running.output()).not.toMatch(/Demo login/);
    expect(await readdir(dataDir)).toContain('other-mail');
    // A database of the environment is not local data, nor are the keys that seal what it holds.
    expect(await readFile(path.join(dataDir, 'secrets.json'), 'utf8')).toBe(secrets);
    const { rows } = await withClient(database.ownerUrl, (client) => client.query('select count(*)::int as n from users'));
    expect(rows).toEqual([{ n: 2 }]);
  });
});
