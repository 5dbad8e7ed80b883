import type pg from 'pg';
import { policiesOf } from '@/db/platform/policies';
import { appRole, backupRole, relations, systemGrantsOf, systemRoles } from '@/db/platform/relations';
import { definerFunctions } from '@/db/platform/allowances';

/** One way to weaken the wall, as a superuser's statements. */
export interface Mutant {
  name: string;
  sql: string;
  /** Set when the runtime role can then reach rows of another organization in this table, so that probes must see it. */
  opens?: string;
}

const privileges = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain'];

export function allMutants(): Mutant[] {
  return [...Object.keys(relations).flatMap(mutantsOfTable), ...mutantsOfRoles(), ...mutantsOfFunctions(), ...mutantsOfStructure()];
}

function mutantsOfTable(table: string): Mutant[] {
  const relation = relations[table];
  if (relation === undefined) throw new Error(`${table} is not in relations.ts`);
  const policies = policiesOf(table, relation);
  const mutants: Mutant[] = [
    { name: `${table}: row security off`, sql: `alter table ${table} disable row level security`, ...(readable(table) ? { opens: table } : {}) },
    { name: `${table}: not forced`, sql: `alter table ${table} no force row level security` },
    { name: `${table}: a permissive policy for everybody`, sql: `create policy later on ${table} using (true) with check (true)` },
    { name: `${table}: a permissive policy for the runtime role`, sql: `create policy later on ${table} to ${appRole} using (true)` },
    { name: `${table}: owned by the runtime role`, sql: `grant create on schema public to ${appRole}; alter table ${table} owner to ${appRole}; revoke create on schema public from ${appRole}` },
  ];
  for (const { name, using, check, permissive } of policies) {
    mutants.push({ name: `${table}: drop ${name}`, sql: `drop policy ${name} on ${table}` });
    if (permissive && name.startsWith('studio_')) continue;
    if (using !== null && using !== 'true') mutants.push({ name: `${table}: ${name} using (true)`, sql: `alter policy ${name} on ${table} using (true)` });
    if (check !== null && check !== 'true') mutants.push({ name: `${table}: ${name} with check (true)`, sql: `alter policy ${name} on ${table} with check (true)` });
    if (relation.class !== 'public') mutants.push({ name: `${table}: ${name} for everybody`, sql: `alter policy ${name} on ${table} to public` });
  }
  if (readable(table)) mutants.push(...openPairs(table, policies.map(({ name }) => name)));
  for (const privilege of privileges) {
    for (const role of privilege === 'select' || privilege === 'delete' ? [appRole, ...systemRoles] : [appRole]) {
      if (granted(table, role).includes(privilege)) mutants.push({ name: `${table}: ${role} loses ${privilege}`, sql: `revoke ${privilege} on ${table} from ${role}` });
      else mutants.push({ name: `${table}: ${role} gains ${privilege}`, sql: `grant ${privilege} on ${table} to ${role}` });
    }
  }
  mutants.push({ name: `${table}: everybody reads`, sql: `grant select on ${table} to public` });
  return mutants;
}

/** Access and wall weakened together, which is what it takes to open a row; for reading and for writing. */
function openPairs(table: string, names: string[]): Mutant[] {
  const relation = relations[table];
  if (relation === undefined) return [];
  return policiesOf(table, relation).flatMap(({ name, using, check, command }): Mutant[] => {
    const wall = name.replace(/_access$/, '_wall');
    if (!name.endsWith('_access') || !names.includes(wall)) return [];
    const both = (clause: string) => `alter policy ${name} on ${table} ${clause}; alter policy ${wall} on ${table} ${clause}`;
    const pairs: Mutant[] = [];
    if (using !== null) pairs.push({ name: `${table}: ${command} using (true), access and wall`, sql: both('using (true)'), ...(command !== 'UPDATE' && command !== 'INSERT' ? { opens: table } : {}) });
    // A new organization names no other one, and an update still finds own rows alone.
    const reaches = command !== 'UPDATE' && table !== 'organizations';
    if (check !== null) pairs.push({ name: `${table}: ${command} with check (true), access and wall`, sql: both('with check (true)'), ...(reaches ? { opens: table } : {}) });
    return pairs;
  });
}

function readable(table: string): boolean {
  const relation = relations[table];
  return relation !== undefined && (relation.class === 'tenant' || relation.class === 'user-owned');
}

function granted(table: string, role: string): readonly string[] {
  const relation = relations[table];
  if (relation === undefined) return [];
  if (relation.class === 'public') return ['select'];
  if (role === appRole) return relation.class === 'platform-only' ? [] : relation.app;
  return Object.entries(systemGrantsOf(relation)).find(([name]) => name === role)?.[1] ?? [];
}

function mutantsOfRoles(): Mutant[] {
  const attributes = ['superuser', 'bypassrls', 'createrole', 'createdb', 'replication'];
  return [
    ...[appRole, ...systemRoles].flatMap((role) => attributes.map((attribute) => ({ name: `${role} ${attribute}`, sql: `alter role ${role} ${attribute}` }))),
    ...systemRoles.map((role) => ({ name: `${role} logs in`, sql: `alter role ${role} login` })),
    ...systemRoles.map((role) => ({ name: `${appRole} inherits ${role}`, sql: `grant ${role} to ${appRole} with inherit true` })),
    { name: `${appRole} joins the owner`, sql: `do $$ begin execute format('grant %I to ${appRole}', current_user); end $$` },
    { name: `${appRole} joins the job runner`, sql: `grant studio_jobs to ${appRole}` },
    { name: `${appRole} reads all data`, sql: `grant pg_read_all_data to ${appRole}` },
    { name: `${appRole} joins the backup role`, sql: `grant ${backupRole} to ${appRole} with inherit false` },
    { name: 'the backup role is bound by row security', sql: `alter role ${backupRole} nobypassrls` },
    { name: 'the backup role reads what it is given', sql: `revoke pg_read_all_data from ${backupRole}` },
    { name: 'the backup role becomes superuser', sql: `alter role ${backupRole} superuser` },
    { name: 'the backup role joins the runtime role', sql: `grant ${appRole} to ${backupRole} with inherit false` },
    { name: 'the backup role writes', sql: `grant insert on projects to ${backupRole}` },
    { name: 'the backup role writes a column', sql: `grant update (name) on projects to ${backupRole}` },
    { name: 'the backup role writes jobs', sql: `do $$ begin execute 'grant delete on graphile_worker._private_jobs to ${backupRole}'; end $$` },
    { name: 'the backup role makes tables', sql: `grant create on schema public to ${backupRole}` },
    { name: 'studio_signin joins studio_janitor', sql: 'grant studio_janitor to studio_signin' },
    { name: 'no statement timeout', sql: `alter role ${appRole} reset statement_timeout` },
    { name: 'no idle timeout', sql: `alter role ${appRole} set idle_in_transaction_session_timeout = 0` },
    { name: 'a tenant by default', sql: `alter role ${appRole} set app.current_tenant = '00000000-0000-0000-0000-000000000000'` },
    { name: 'tables made later are readable', sql: `alter default privileges in schema public grant select on tables to ${appRole}` },
  ];
}

function mutantsOfFunctions(): Mutant[] {
  return [
    { name: 'set_config for everybody', sql: 'grant execute on function pg_catalog.set_config(text, text, boolean) to public' },
    { name: 'set_config for the runtime role', sql: `grant execute on function pg_catalog.set_config(text, text, boolean) to ${appRole}` },
    {
      name: 'a function that reads everything',
      sql: `create function public.peek() returns setof projects language sql security definer set search_path = pg_catalog, public, pg_temp as 'select * from public.projects'`,
    },
    ...Object.keys(definerFunctions).flatMap((name) => [
      { name: `${name} for everybody`, sql: `grant execute on function ${name} to public` },
      { name: `${name} without a pinned path`, sql: `alter function ${name} reset search_path` },
      { name: `${name} with temporary objects first`, sql: `alter function ${name} set search_path = pg_temp, public` },
      { name: `${name} with the superuser's rights`, sql: `do $$ begin execute format('alter function ${name} owner to %I', current_user); end $$` },
      { name: `${name} for the job runner`, sql: `grant execute on function ${name} to studio_janitor` },
    ]),
  ];
}

function mutantsOfStructure(): Mutant[] {
  return [
    { name: 'a table that nobody listed', sql: 'create table forgotten (organization_id uuid not null, note text)' },
    { name: 'a table in another schema', sql: `create schema aside; create table aside.forgotten (note text); grant usage on schema aside to ${appRole}; grant select on aside.forgotten to ${appRole}` },
    { name: 'a view with its owner\'s rights', sql: `create view all_projects as select * from projects; grant select on all_projects to ${appRole}` },
    { name: 'a materialized view', sql: `create materialized view all_projects as select * from projects; grant select on all_projects to ${appRole}` },
    { name: 'a listed table is gone', sql: 'alter table saga_events rename to saga_events_old' },
    { name: 'a foreign key without the organization', sql: 'alter table projects add constraint projects_id_key unique (id); alter table platform_databases add constraint loose foreign key (project_id) references projects (id)' },
    { name: 'a foreign key to an organization by another column', sql: 'alter table projects add column lender uuid; alter table projects add constraint lent foreign key (lender) references organizations (id)' },
    { name: 'a foreign key to a table that is not shared', sql: 'alter table projects add column session_id uuid; alter table projects add constraint of_session foreign key (session_id) references user_sessions (id)' },
    { name: 'a cascade', sql: 'alter table saga_steps drop constraint saga_steps_saga_fk; alter table saga_steps add constraint saga_steps_saga_fk foreign key (organization_id, saga_id) references sagas (organization_id, id) on delete cascade' },
    { name: 'a unique name across organizations', sql: 'create unique index projects_name_unique on projects (name)' },
    { name: 'a sequence', sql: 'create sequence project_numbers' },
    { name: 'a child table', sql: `create table projects_archive () inherits (projects); grant select on projects_archive to ${appRole}` },
    { name: 'a trigger', sql: `create function public.copy_row() returns trigger language plpgsql as 'begin return new; end'; create trigger copies after insert on projects for each row execute function public.copy_row()` },
    { name: 'a rewrite rule', sql: 'create rule silent as on delete to projects do instead nothing' },
    { name: 'no index that starts with the organization', sql: 'drop index projects_name_idx; alter table projects drop constraint projects_pk cascade' },
    { name: 'an organization that may be missing', sql: 'alter table sagas drop constraint sagas_pk cascade; alter table sagas alter column organization_id drop not null' },
    { name: 'the runtime role makes tables', sql: `grant create on schema public to ${appRole}` },
    { name: 'everybody makes tables', sql: 'grant create on schema public to public' },
    { name: 'a setting read for each row', sql: `alter policy projects_access on projects using (organization_id = nullif(current_setting('app.current_tenant', true), '')::uuid)` },
    { name: 'a column of the log that decides its own time', sql: `grant insert (at) on audit_logs to ${appRole}` },
    { name: 'a column of the hashes', sql: `grant select (password_hash) on user_credentials to ${appRole}` },
  ];
}

/** A key without the organization that it carried. */
interface KeyMutant extends Mutant {
  /** Under its own name it must be found, for what it takes to weaken it breaks other rules too. */
  key: string;
}

/** Every foreign key that carries the organization, and every unique one that begins with it, put back without. */
export async function keyMutants(owner: pg.ClientBase): Promise<KeyMutant[]> {
  // As a replica the rows may go: those of two organizations would not fit what is left of a unique key.
  const emptied = (table: string) => `set local session_replication_role = replica; delete from ${table}`;
  const { rows: foreign } = await owner.query<{ key: string; table: string; target: string; definition: string }>(
    `select k.conname as key, k.conrelid::regclass::text as table, k.confrelid::regclass::text as target, pg_get_constraintdef(k.oid) as definition
       from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attname = 'organization_id'
      where k.contype = 'f' and k.connamespace = 'public'::regnamespace and a.attnum = any(k.conkey) and cardinality(k.conkey) > 1 order by 1`,
  );
  const { rows: unique } = await owner.query<{ key: string; table: string; constrained: boolean; definition: string }>(
    `select i.indexrelid::regclass::text as key, i.indrelid::regclass::text as table, exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u')) as constrained, pg_get_indexdef(i.indexrelid) as definition
       from pg_index i join pg_class c on c.oid = i.indexrelid and c.relnamespace = 'public'::regnamespace join pg_attribute a on a.attrelid = i.indrelid and a.attname = 'organization_id'
      where i.indisunique and i.indkey[0] = a.attnum and i.indnkeyatts > 1 order by 1`,
  );
  return [
    ...foreign.map(({ key, table, target, definition }): KeyMutant => {
      const loose = definition.replaceAll(/organization_id, |, organization_id/g, '');
      const columns = /REFERENCES \S+?(\(.*?\))/.exec(loose)?.[1] ?? '';
      return { key, name: `${table}: ${key} without the organization`, sql: `${emptied(target)}; create unique index loosened on ${target} ${columns}; alter table ${table} drop constraint ${key}; alter table ${table} add constraint ${key} ${loose} not valid` };
    }),
    ...unique.map(({ key, table, constrained, definition }): KeyMutant => {
      const drop = constrained ? `alter table ${table} drop constraint ${key} cascade` : `drop index ${key}`;
      return { key, name: `${table}: ${key} without the organization`, sql: `${emptied(table)}; ${drop}; ${definition.replace('organization_id, ', '')}` };
    }),
  ];
}
