import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runDrizzle } from 'drizzle-orm/node-postgres/migrator';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { applyGuard } from './guard';
import { backupRole, jobsRole } from './relations';
import { ensureBackupRole, ensureRoles } from './roles';
import { seedPlans } from './plans';

interface MigrateOptions {
  ownerUrl: string;
  appUrl: string;
  jobsUrl: string;
  /** Login of the role that copies the database; without it nobody can log in as that role. */
  backupUrl?: string | undefined;
  /** Folder that holds `migrations/` and `functions.sql`. */
  folder?: string;
}

/** Any number that nothing else locks: two migrations at once wait for each other. */
const migrationLock = 7_421_905_133;

/** Brings an empty or older platform database to this version. Safe to run again and from several processes. */
export async function migrate({ ownerUrl, appUrl, jobsUrl, backupUrl, folder = path.resolve('db/platform') }: MigrateOptions): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'studio-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(`set lock_timeout = '10s'`);
    await ensureRoles(client, appUrl, jobsUrl);
    await ensureBackupRole(client, backupUrl);
    const database = await databaseName(client);
    await client.query(`grant create on database ${database} to ${jobsRole}`);
    await client.query(`grant connect on database ${database} to ${backupRole}`);
    await runMigrations({ connectionString: jobsUrl });
    await runDrizzle(drizzle(client), { migrationsFolder: path.join(folder, 'migrations') });
    await client.query('begin');
    await client.query(await readFile(path.join(folder, 'functions.sql'), 'utf8'));
    await applyGuard(client);
    await seedPlans(client);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function databaseName(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name');
  const name = rows[0]?.name;
  if (name === undefined) throw new Error('The database does not tell its name.');
  return name;
}
