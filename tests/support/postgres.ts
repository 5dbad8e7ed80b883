import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';

export type TestDatabase = {
  name: string;
  /** Superuser of the cluster, as the owner is in the embedded Postgres. */
  ownerUrl: string;
  /** Runtime role `studio_app`. */
  appUrl: string;
  /** Role of the job runner, `studio_jobs`. */
  jobsUrl: string;
  drop(): Promise<void>;
};

// Any number will do, as long as all test processes agree on it.
const TEMPLATE_LOCK = 7_261_554;
const TEMPLATE = 'template_migrated';

/** A fresh, empty database in the cluster of this test run. */
export async function testDatabase(): Promise<TestDatabase> {
  return createDatabase('template0');
}

/** A database of its own with all migrations applied: a copy of one that is migrated once per run. */
export async function migratedDatabase(): Promise<TestDatabase> {
  await makeTemplate();
  return createDatabase(TEMPLATE);
}

/** Runs work on a connection of its own and closes it. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function makeTemplate(): Promise<void> {
  const { ownerUrl, appUrl, jobsUrl } = inject('postgres');
  await withClient(ownerUrl, async (client) => {
    // Test files run in several processes: one migrates, the others wait here.
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const existing = await client.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
    if (existing.rowCount === 1) return;
    const building = `${TEMPLATE}_${randomBytes(4).toString('hex')}`;
    await client.query(`create database ${building} template template0`);
    // Loaded here, so that tests which want an empty database do not load the platform's schema.
    const { migrate } = await import('@/db/platform/migrate');
    await migrate({
      ownerUrl: withDatabase(ownerUrl, building),
      appUrl: withDatabase(appUrl, building),
      jobsUrl: withDatabase(jobsUrl, building),
    });
    await client.query(`alter database ${building} rename to ${TEMPLATE}`);
  });
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const { ownerUrl, appUrl, jobsUrl } = inject('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withClient(ownerUrl, (client) => client.query(`create database ${name} template ${template}`));
  return {
    name,
    ownerUrl: withDatabase(ownerUrl, name),
    appUrl: withDatabase(appUrl, name),
    jobsUrl: withDatabase(jobsUrl, name),
    drop: async () => {
      await withClient(ownerUrl, async (client) => {
        await untilLeft(client, name);
        await client.query(`drop database if exists ${name} with (force)`);
      });
    },
  };
}

/** A pool that is closing must not be told that its connections are cut: some have no ear for it any more. */
async function untilLeft(client: pg.Client, name: string): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [name]);
    if (rowCount === 0) return;
    await sleep(20);
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
