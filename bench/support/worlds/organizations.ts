import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createPasswordHasher } from '@/lib/identity/user/password';
import { newPublicId } from '@/lib/kernel/ids';

export const password = 'bench-password-of-everybody-1';
/** Members of many organizations. */
export const persons = 20;

/**
 * So many organizations and ten times as many projects: a fifth of the organizations has 30 projects and a person of
 * ours as a member, the others have 5.
 */
export async function fillOrganizations(client: pg.Client, organizations: number): Promise<void> {
  const instanceId = randomUUID();
  await client.query(
    `insert into appwrite_instances (id, public_id, endpoint, public_endpoint, capacity, placed, draining_since)
     values ($1, $2, 'http://appwrite.bench.test/v1', 'http://appwrite.bench.test/v1', 10000000, 10 * $3, now())`,
    [instanceId, newPublicId('appwriteInstance'), organizations],
  );
  await insertPeople(client, 'person', persons);
  await insertPeople(client, 'owner', organizations);
  await client.query(`insert into user_credentials (user_id, password_hash) select id, $1 from users`, [await createPasswordHasher().hash(password)]);
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
}

/** `<kind>-0@bench.test` and so on. */
export async function insertPeople(client: pg.Client, kind: string, count: number): Promise<void> {
  await client.query(
    `insert into users (public_id, email, first_name, last_name, email_verified_at)
     select ${publicId('usr')}, $1 || '-' || n || '@bench.test', initcap($1) || ' ' || substr(md5(n::text), 1, 6), n::text, now()
       from generate_series(0, $2::int - 1) n`,
    [kind, count],
  );
}

/** SQL for an id: random enough for data of ours, and in the alphabet of ids. */
export function publicId(prefix: string): string {
  return `'${prefix}_' || substr(md5(random()::text || clock_timestamp()::text), 1, 26)`;
}
