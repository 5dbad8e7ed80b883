import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '@/db/platform/migrate';
import { createPasswordHasher } from '@/lib/identity/user/password';
import { hashToken, newPublicId, newToken } from '@/lib/kernel/ids';
import type { RunningPostgres } from '../../scripts/lib/embedded-postgres.mjs';

/** A signed-in person and the organizations that this person asks about. */
export interface Person {
  email: string;
  cookie: string;
  organizations: Organization[];
}

export interface Organization {
  /** Public id. */
  id: string;
  slug: string;
}

export interface World {
  appUrl: string;
  jobsUrl: string;
  ownerUrl: string;
  /** Members of many organizations, so that few sessions reach many rows. */
  people: Person[];
  /** Owners of one organization each, as most people are. */
  owners: Person[];
}

export const password = 'bench-password-of-everybody-1';
const persons = 20;
const root = path.resolve(import.meta.dirname, '../..');

/**
 * A migrated database with so many organizations and ten times as many projects: a fifth of the organizations has
 * 30 projects and a person of ours as a member, the others have 5. Made once for each schema and kept in the
 * cluster; people sign in anew each time.
 */
export async function openWorld(postgres: RunningPostgres, organizations: number): Promise<World> {
  const name = `bench_${organizations}_${await schemaMark()}`;
  const [ownerUrl, appUrl, jobsUrl] = [postgres.url('owner', name), postgres.url('app', name), postgres.url('jobs', name)];
  const isThere = await withOwner(postgres.urls.owner, async (client) => {
    const { rows } = await client.query<{ note: string | null }>(`select shobj_description(oid, 'pg_database') as note from pg_database where datname = $1`, [name]);
    if (rows[0]?.note === 'filled') return true;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} template template0`);
    return false;
  });
  if (!isThere) {
    await migrate({ ownerUrl, appUrl, jobsUrl, folder: path.join(root, 'db/platform') });
    await withOwner(ownerUrl, async (client) => {
      await fill(client, organizations);
      await client.query(`comment on database ${name} is 'filled'`);
    });
  }
  return {
    ownerUrl,
    appUrl,
    jobsUrl,
    people: await withOwner(ownerUrl, (client) => signIn(client, namesOf('person', persons, 1))),
    owners: await withOwner(ownerUrl, (client) => signIn(client, namesOf('owner', Math.min(persons, organizations / 5), 5))),
  };
}

export async function withOwner<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function fill(client: pg.Client, organizations: number): Promise<void> {
  // The rows fit together by construction; checking each reference would take longer than writing them.
  await client.query(`set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '512MB'`);
  const instanceId = randomUUID();
  const passwordHash = await createPasswordHasher().hash(password);
  await client.query(
    `insert into appwrite_instances (id, public_id, endpoint, public_endpoint, capacity, placed, draining_since)
     values ($1, $2, 'http://appwrite.bench.test/v1', 'http://appwrite.bench.test/v1', 10000000, 10 * $3, now())`,
    [instanceId, newPublicId('appwriteInstance'), organizations],
  );
  await client.query(
    `insert into users (public_id, email, first_name, last_name, email_verified_at)
     select ${publicId('usr')}, 'person-' || n || '@bench.test', 'Person', n::text, now() from generate_series(0, $1::int - 1) n`,
    [persons],
  );
    await client.query(
    `insert into users (public_id, email, first_name, last_name, email_verified_at)
     select ${publicId('usr')}, 'owner-' || n || '@bench.test', 'Owner', n::text, now() from generate_series(0, $1::int - 1) n`,
    [organizations],
  );
  await client.query(`insert into user_credentials (user_id, password_hash) select id, $1 from users`, [passwordHash]);
  await client.query(
    `create temp table cast_list as
     select n, u.id as user_id, uuidv7() as id, n % 5 = 0 as asked, case when n % 5 = 0 then 30 else 5 end as projects
       from generate_series(0, $1::int - 1) n join users u on u.email = 'owner-' || n || '@bench.test'`,
    [organizations],
  );
  await client.query(
    `insert into organizations (id, public_id, name, slug, created_by) select id, ${publicId('org')}, 'Organization ' || n, 'bench-' || n, user_id from cast_list order by n`,
  );
  await client.query(`insert into subscriptions (organization_id, plan_key) select id, 'scale' from cast_list`);
  await client.query(`insert into memberships (organization_id, public_id, user_id, role) select id, ${publicId('mem')}, user_id, 'owner' from cast_list`);
  await client.query(
    `insert into memberships (organization_id, public_id, user_id, role)
     select c.id, ${publicId('mem')}, u.id, 'developer' from cast_list c
       join users u on u.email = 'person-' || (c.n / 5) % ${persons} || '@bench.test' where c.asked`,
  );
  // In the order of time, not of organizations: the 25 rows of a page lie on 25 pages of the table, as in real life.
  await client.query(
    `insert into projects (organization_id, id, public_id, name, framework, status, created_by, ready_at)
     select id, uuidv7(), ${publicId('prj')}, 'Project ' || number || ' of ' || n, 'nextjs', 'ready', user_id, now()
       from (select c.id, c.n, c.user_id, number from cast_list c, generate_series(1, c.projects) number order by number, c.n) ordered`,
  );
  await client.query(
    `insert into platform_databases (organization_id, public_id, project_id, kind) select organization_id, ${publicId('pdb')}, id, 'appwrite' from projects`,
  );
  await client.query(
    `insert into appwrite_projects (organization_id, project_id, platform_database_id, instance_id, attempt, appwrite_project_id, state, live_at)
     select organization_id, project_id, id, $1, 1, md5(id::text), 'live', now() from platform_databases`,
    [instanceId],
  );
  await client.query('vacuum (analyze)');
  await client.query('checkpoint');
}

/** Random enough for data of ours, and in the alphabet of ids. */
function publicId(prefix: string): string {
  return `'${prefix}_' || substr(md5(random()::text || clock_timestamp()::text), 1, 26)`;
}

function namesOf(kind: 'person' | 'owner', count: number, step: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index * step}@bench.test`);
}

async function signIn(client: pg.Client, emails: readonly string[]): Promise<Person[]> {
  const { rows } = await client.query<{ id: string; email: string; organizations: Organization[] | null }>(
    `select u.id, u.email, (select json_agg(json_build_object('id', o.public_id, 'slug', o.slug) order by o.id)
                              from memberships m join organizations o on o.id = m.organization_id where m.user_id = u.id and o.slug like 'bench-%') as organizations
       from users u where u.email = any ($1) order by u.email`,
    [emails],
  );
  const people: Person[] = [];
  for (const { id, email, organizations } of rows) {
    const token = newToken();
    await client.query(
      `insert into user_sessions (public_id, user_id, token_hash, idle_expires_at, expires_at) values ($1, $2, $3, now() + interval '1 day', now() + interval '1 day')`,
      [newPublicId('session'), id, hashToken(token)],
    );
    if (organizations !== null) people.push({ email, cookie: `studio_session=${token}`, organizations });
  }
  return people;
}

/** Changes with everything that decides how the data looks. */
async function schemaMark(): Promise<string> {
  const hash = createHash('sha256');
  const folder = path.join(root, 'db/platform');
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.(sql|ts)$/.test(name)).sort();
  for (const name of files) hash.update(await readFile(path.join(folder, name)));
  hash.update(await readFile(import.meta.filename));
  return hash.digest('hex').slice(0, 12);
}
