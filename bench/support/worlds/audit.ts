import type pg from 'pg';
import { insertPeople, publicId } from './organizations';

/** One owns most of the log, the others share the rest. */
const organizations = 1_000;
export const shareOfLargest = 0.6;

/** An action and a target that a log of any length holds this often, at its old end; refusals are as rare, and everywhere. */
export const rare = { action: 'webhook.secret_rotated', target: 'whk_rare', times: 40 } as const;
/** Actors of an organization, one as busy as the other. */
export const actors = 20;

/** `bench-audit-0` owns most of so many log entries of a year; owner `auditor-<n>@bench.test` belongs to `bench-audit-<n>`. */
export async function fillAudit(client: pg.Client, entries: number): Promise<void> {
  await insertPeople(client, 'auditor', organizations);
  await client.query(
    `insert into organizations (public_id, name, slug, created_by)
     select ${publicId('org')}, 'Audit ' || n, 'bench-audit-' || n, u.id from generate_series(0, $1::int - 1) n join users u on u.email = 'auditor-' || n || '@bench.test' order by n`,
    [organizations],
  );
  await client.query(`insert into memberships (organization_id, public_id, user_id, role) select id, ${publicId('mem')}, created_by, 'owner' from organizations`);
  await client.query(`insert into subscriptions (organization_id, plan_key) select id, 'scale' from organizations`);
  await insertProjects(client);
  await insertEntries(client, entries);
}

/** Something to write about: a project of each, that is changed again and again. */
async function insertProjects(client: pg.Client): Promise<void> {
  await client.query(
    `insert into projects (organization_id, id, public_id, name, framework, status, created_by, ready_at)
     select id, uuidv7(), ${publicId('prj')}, 'Audited', 'nextjs', 'ready', created_by, now() from organizations`,
  );
  await client.query(`insert into platform_databases (organization_id, public_id, project_id, kind) select organization_id, ${publicId('pdb')}, id, 'appwrite' from projects`);
}

/** In one transaction with the emptying of the table, so that nothing of it goes through the log of Postgres, and before its indexes are made. */
async function insertEntries(client: pg.Client, entries: number): Promise<void> {
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public' and tablename = 'audit_logs' and indexname <> 'audit_logs_pkey'`,
  );
  await client.query('begin');
  await client.query('truncate audit_logs');
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  await client.query('alter table audit_logs drop constraint audit_logs_pkey');
  await client.query(`create temp table places on commit drop as select (row_number() over (order by id) - 1)::int as place, id, created_by from organizations`);
  await client.query('create unique index on places (place)');
  await client.query('analyze places');
  await client.query(
    `insert into audit_logs (id, at, organization_id, actor_kind, actor_user_id, actor_id, actor_name, action, target_kind, target_id, target_name, outcome, ip, user_agent, request_id)
     select uuidv7(ago), now() + ago, o.id, 'user', o.created_by, 'usr_actor' || n % ${actors}, 'Person ' || n % ${actors},
            case when is_rare then '${rare.action}' else (array['project.updated', 'env.changed', 'deployment.created', 'member.role_changed', 'key.created'])[1 + n % 5] end,
            case when is_rare then 'webhook' else 'project' end, case when is_rare then '${rare.target}' else 'prj_' || n % 997 end, 'Something',
            case when n % ($1::int / ${rare.times}) = 0 then 'denied' else 'allowed' end, '192.0.2.7', 'Mozilla/5.0 (X11; Linux x86_64)', n::text
       from (select n, (n - $1::int) * interval '1 year' / $1::int as ago, n < ${rare.times} as is_rare,
                    case when n < ${rare.times} or (n * 7919::bigint) % 1000 < ${shareOfLargest * 1000} then 0 else 1 + n % ${organizations - 1} end as place
               from generate_series(0, $1::int - 1) n) e
       join places o on o.place = e.place order by n`,
    [entries],
  );
  await client.query('alter table audit_logs add constraint audit_logs_pkey primary key (id)');
  for (const { definition } of indexes) await client.query(definition);
  await client.query('commit');
}
