import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '@/db/platform/migrate';
import type { RunningPostgres } from '../../scripts/lib/embedded-postgres.mjs';

/** Ways into one database, by role. */
export interface Databases {
  appUrl: string;
  jobsUrl: string;
  ownerUrl: string;
}

const root = path.resolve(import.meta.dirname, '../..');

export async function withOwner<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A migrated database that is filled once for each schema and kept in the cluster; those of earlier schemas are dropped. */
export async function keptDatabase(postgres: RunningPostgres, kind: string, fill: (client: pg.Client) => Promise<void>): Promise<Databases> {
  const name = `${nameOf(kind)}${await schemaMark()}`;
  const [ownerUrl, appUrl, jobsUrl] = [postgres.url('owner', name), postgres.url('app', name), postgres.url('jobs', name)];
  const isThere = await withOwner(postgres.urls.owner, async (client) => {
    const { rows } = await client.query<{ note: string | null }>(`select shobj_description(oid, 'pg_database') as note from pg_database where datname = $1`, [name]);
    if (rows[0]?.note === 'filled') return true;
    await drop(client, kind);
    await client.query(`create database ${name} template template0`);
    return false;
  });
  if (!isThere) {
    await migrate({ ownerUrl, appUrl, jobsUrl, folder: path.join(root, 'db/platform') });
    await withOwner(ownerUrl, async (client) => {
      await quickly(client, fill);
      await client.query(`comment on database ${name} is 'filled'`);
    });
  }
  return { ownerUrl, appUrl, jobsUrl };
}

/** Gives the disk back that the database took, of this schema and of earlier ones. */
export function dropKept(postgres: RunningPostgres, kind: string): Promise<void> {
  return withOwner(postgres.urls.owner, (client) => drop(client, kind));
}

async function drop(client: pg.Client, kind: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`select datname as name from pg_database where datname ~ $1`, [`^${nameOf(kind)}[0-9a-f]{12}$`]);
  for (const { name } of rows) await client.query(`drop database ${name} with (force)`);
}

function nameOf(kind: string): string {
  return `bench_${kind}_`;
}

/** The rows fit together by construction; checking each reference would take longer than writing them. */
async function quickly(client: pg.Client, fill: (client: pg.Client) => Promise<void>): Promise<void> {
  await client.query(`set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '512MB'`);
  await fill(client);
  await client.query('vacuum (analyze)');
  await client.query('checkpoint');
}

/** Changes with everything that decides how the data looks. */
async function schemaMark(): Promise<string> {
  const hash = createHash('sha256');
  const schema = path.join(root, 'db/platform');
  const worlds = path.join(import.meta.dirname, 'worlds');
  for (const folder of [schema, worlds]) {
    const files = (await readdir(folder, { recursive: true })).filter((name) => /\.(sql|ts)$/.test(name)).sort();
    for (const name of files) hash.update(await readFile(path.join(folder, name)));
  }
  return hash.digest('hex').slice(0, 12);
}
