import { definerFunctions, sharedTargets, spanningUniques } from './allowances';
import type { Tx } from './client';
import { policiesOf } from './policies';
import { appRole, backupRole, insertExcept, jobsRole, relations, systemGrantsOf, systemRoles, type Relation } from './relations';

/** One promise about the catalog: the statement answers a row `what` for everything that breaks it. */
export interface CatalogRule {
  /** When it is broken the later ones cannot even be asked. */
  essential?: true;
  /** The requirement that it keeps. */
  id: string;
  title: string;
  text: string;
  values: unknown[];
}

export interface Violation {
  rule: string;
  title: string;
  what: string;
}

/** Asks the catalog itself, so that what a hand changed after the migration is seen too. Any role may ask. */
export async function findViolations(tx: Pick<Tx, 'query'>): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const { id, title, text, values, essential } of catalogRules) {
    const rows = await tx.query<{ what: string }>(text, values);
    found.push(...rows.map(({ what }) => ({ rule: id, title, what })));
    if (essential && rows.length > 0) break;
  }
  return found;
}

/** Roles that requests run as, in person or for one transaction. */
const requestRoles = [appRole, ...systemRoles];
const everyRole = [...requestRoles, jobsRole];

/** What `relations.ts` says, as the statements below read it. */
const expected = Object.entries(relations).map(([name, relation]) => ({
  name,
  class: relation.class,
  grants: everyRole.map((role) => ({ role, verbs: verbsOf(relation, role) })),
  hidden: insertExcept[name] ?? [],
}));

function verbsOf(relation: Relation, role: string): readonly string[] {
  if (relation.class === 'public') return role === jobsRole ? [] : ['select'];
  if (role === appRole) return relation.class === 'platform-only' ? [] : relation.app;
  return Object.entries(systemGrantsOf(relation)).find(([name]) => name === role)?.[1] ?? [];
}

const expectedPolicies = Object.entries(relations).flatMap(([table, relation]) =>
  policiesOf(table, relation).map(({ name, permissive, command, role }) => ({ table, name, permissive, command, role })),
);

const listed = `jsonb_to_recordset($1::jsonb) as e(name text, class text, grants jsonb, hidden jsonb)`;
const inPublic = `join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'`;
const systemSchemas = `n.nspname in ('pg_catalog', 'information_schema') or n.nspname like 'pg\\_toast%' or n.nspname like 'pg\\_temp%'`;
/** How Postgres writes the tenant's condition back. */
const tenantCondition = `(organization_id = ( SELECT (NULLIF(current_setting('app.current_tenant'::text, true), ''::text))::uuid AS "nullif"))`;

export const catalogRules: readonly CatalogRule[] = [
  {
    id: 'R1',
    title: 'the login is the runtime role',
    text: `select format('this connection is logged in as %s', session_user) as what where session_user <> $1`,
    values: [appRole],
  },
  {
    id: 'R1',
    essential: true,
    title: 'request roles have no special power',
    text: `select format('%s is superuser, bypasses row security, or may make roles, databases or replicas', rolname) as what
             from pg_roles where rolname = any($1) and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
           union all
           select format('the role %s is missing', name) from unnest($1::text[]) name where not exists (select from pg_roles where rolname = name)
           union all
           select format('%s can log in', rolname) from pg_roles where rolname = any($2) and rolcanlogin`,
    values: [everyRole, systemRoles],
  },
  {
    id: 'R1',
    title: 'request roles belong to no other role',
    text: `select format('%s is a member of %s', m.member::regrole, m.roleid::regrole) as what from pg_auth_members m
             where m.member = any($1::regrole[]::oid[])
               and not (m.member = $3::regrole and m.roleid = any($2::regrole[]::oid[]) and not m.inherit_option and not m.admin_option)`,
    values: [requestRoles, systemRoles, appRole],
  },
  {
    id: 'R1',
    title: 'request roles own nothing but the functions on the list',
    text: `select format('%s belongs to %s', pg_describe_object(d.classid, d.objid, d.objsubid), d.refobjid::regrole) as what
             from pg_shdepend d
            where d.deptype = 'o' and d.refclassid = 'pg_authid'::regclass and d.refobjid = any($1::regrole[]::oid[])
              and d.dbid = (select oid from pg_database where datname = current_database())
              and not (d.classid = 'pg_proc'::regclass
                       and exists (select from jsonb_each($2::jsonb) f where f.key = d.objid::regprocedure::text and f.value->>'owner' = d.refobjid::regrole::text))`,
    values: [requestRoles, JSON.stringify(definerFunctions)],
  },
  {
    id: 'R1',
    title: 'row security is on and forced',
    text: `select c.relname as what from pg_class c ${inPublic} join ${listed} on e.name = c.relname
             where c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)`,
    values: [JSON.stringify(expected)],
  },
  {
    id: 'R2',
    title: 'every relation is on the list',
    text: `select format('%s is not on the list', c.relname) as what from pg_class c ${inPublic}
             where c.relkind in ('r', 'p', 'v', 'm', 'f') and not exists (select from ${listed} where e.name = c.relname)
           union all
           select format('%s is missing', e.name) from ${listed} where not exists (select from pg_class c ${inPublic} where c.relname = e.name)
           union all
           select format('%s.%s can be reached by %s', n.nspname, c.relname, r.name)
             from pg_class c join pg_namespace n on n.oid = c.relnamespace, unnest($2::text[]) r(name)
            where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname <> 'public' and not (${systemSchemas})
              and has_schema_privilege(r.name, n.oid, 'usage')
              and case when c.relkind = 'S' then has_sequence_privilege(r.name, c.oid, 'usage, select, update')
                       else has_table_privilege(r.name, c.oid, 'select, insert, update, delete, truncate, references, trigger')
                            or has_any_column_privilege(r.name, c.oid, 'select, insert, update, references') end`,
    values: [JSON.stringify(expected), requestRoles],
  },
  {
    id: 'R2',
    title: 'a tenant row always names its organization',
    text: `select e.name as what from ${listed} where e.class = 'tenant' and not exists (
             select from pg_attribute a where a.attrelid = to_regclass('public.' || e.name) and a.attname = 'organization_id' and a.attnotnull and a.atttypid = 'uuid'::regtype)`,
    values: [JSON.stringify(expected)],
  },
  {
    id: 'R3',
    title: 'grants are exactly those on the list (no TRUNCATE, REFERENCES, TRIGGER, MAINTAIN: R15)',
    text: `select format('%s %s %s on %s', g.role, case when wanted then 'lacks' else 'has' end, p.verb, e.name) as what
             from ${listed}
             cross join jsonb_to_recordset(e.grants) as g(role text, verbs jsonb)
             cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain']) p(verb)
             cross join lateral (select g.verbs ? p.verb and not (p.verb = 'insert' and jsonb_array_length(e.hidden) > 0)) w(wanted)
            where to_regclass('public.' || e.name) is not null and has_table_privilege(g.role, to_regclass('public.' || e.name), p.verb) <> wanted
           union all
           select format('%s %s %s of %s.%s', g.role, case when wanted then 'lacks' else 'has' end, p.verb, e.name, a.attname)
             from ${listed}
             cross join jsonb_to_recordset(e.grants) as g(role text, verbs jsonb)
             cross join unnest(array['select', 'insert', 'update', 'references']) p(verb)
             join pg_attribute a on a.attrelid = to_regclass('public.' || e.name) and a.attnum > 0 and not a.attisdropped
             cross join lateral (select g.verbs ? p.verb and not (p.verb = 'insert' and e.hidden ? a.attname)) w(wanted)
            where has_column_privilege(g.role, a.attrelid, a.attnum, p.verb) <> wanted
           union all
           select format('everybody has %s on %s', lower(x.privilege_type), c.relname)
             from pg_class c ${inPublic}, aclexplode(c.relacl) x where x.grantee = 0
           union all
           select format('everybody has %s of %s.%s', lower(x.privilege_type), c.relname, a.attname)
             from pg_class c ${inPublic} join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) x where x.grantee = 0`,
    values: [JSON.stringify(expected)],
  },
  {
    id: 'R3',
    title: 'policies are exactly those of the list, walls restrictive (R10)',
    text: `with wanted as (select * from jsonb_to_recordset($1::jsonb) as w("table" text, name text, permissive boolean, role text, command text)),
                found as (select tablename::text as "table", policyname::text as name, permissive = 'PERMISSIVE' as permissive, roles, cmd as command
                            from pg_policies where schemaname = 'public' and policyname <> 'owner_writes')
           select format('%s lacks the policy %s', w."table", w.name) as what from wanted w
            where not exists (select from found f where f."table" = w."table" and f.name = w.name and f.permissive = w.permissive and f.command = w.command and f.roles::text[] = array[w.role])
           union all
           select format('%s has the policy %s, for %s', f."table", f.name, f.roles) from found f
            where not exists (select from wanted w where w."table" = f."table" and w.name = f.name and w.permissive = f.permissive and w.command = f.command and f.roles::text[] = array[w.role])
           union all
           select format('%s lets %s write', tablename, roles) from pg_policies
            where schemaname = 'public' and policyname = 'owner_writes' and roles::text[] && ($2::text[] || 'public'::text)`,
    values: [JSON.stringify(expectedPolicies), everyRole],
  },
  {
    id: 'R9',
    title: 'policies compare with the context and nothing else, the wall as strictly as the access',
    text: `select format('%s: %s does not hold rows to the organization', p.tablename, p.policyname) as what
             from pg_policies p join ${listed} on e.name = p.tablename
            where p.schemaname = 'public' and e.class = 'tenant' and p.policyname in (e.name || '_access', e.name || '_wall')
              and (p.qual is distinct from $2 or p.with_check is distinct from $2)
           union all
           select format('%s: %s and its wall differ, or let everything through', a.tablename, a.policyname)
             from pg_policies a
             join pg_policies w on w.schemaname = a.schemaname and w.tablename = a.tablename and w.policyname = regexp_replace(a.policyname, '_access$', '_wall')
             join ${listed} on e.name = a.tablename
            where a.schemaname = 'public' and e.class = 'user-owned' and a.policyname like '%\\_access'
              and ((a.qual, a.with_check) is distinct from (w.qual, w.with_check)
                   or coalesce(a.qual, '') || coalesce(a.with_check, '') not like '%current\\_setting(''app.current\\_%'
                   or a.qual = 'true' or a.with_check = 'true')`,
    values: [JSON.stringify(expected), tenantCondition],
  },
  {
    id: 'R9',
    title: 'the role of proofs reaches throw-away rows alone, and makes none',
    text: `select format('%s: %s', tablename, policyname) as what from pg_policies
             where schemaname = 'public' and 'studio_prober' = any(roles) and not tablename = any($1)
               and (coalesce(qual, '') !~ '(^throw_away$|\\m[a-z]+\\.throw_away\\M)' or with_check is distinct from 'false')`,
    values: [Object.entries(relations).filter(([, relation]) => 'system' in relation && relation.system?.studio_prober !== undefined).map(([name]) => name)],
  },
  {
    id: 'R11',
    title: 'foreign keys between tenant tables carry the organization on both sides and never cascade',
    text: `with columns as (
             select k.conname, k.conrelid, k.confrelid, k.confdeltype,
                    array_agg(a.attname::text order by p.ordinality) as own, array_agg(b.attname::text order by p.ordinality) as other
               from pg_constraint k join pg_class c on c.oid = k.conrelid ${inPublic}
               cross join unnest(k.conkey, k.confkey) with ordinality as p(own, other, ordinality)
               join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.own
               join pg_attribute b on b.attrelid = k.confrelid and b.attnum = p.other
              where k.contype = 'f' group by k.conname, k.conrelid, k.confrelid, k.confdeltype)
           select format('%s cascades', conname) as what from columns where confdeltype not in ('r', 'a')
           union all
           select format('%s refers across organizations', conname) from columns
             where exists (select from pg_attribute where attrelid = confrelid and attname = 'organization_id')
               and not (own[1] = 'organization_id' and other[1] = 'organization_id')
           union all
           select format('%s refers to an organization by another column', conname) from columns
             where confrelid = to_regclass('public.organizations') and own <> array['organization_id']
           union all
           select format('%s refers to %s, which is not on the list', conname, confrelid::regclass) from columns
             where exists (select from pg_attribute where attrelid = conrelid and attname = 'organization_id')
               and not exists (select from pg_attribute where attrelid = confrelid and attname = 'organization_id')
               and not confrelid::regclass::text = any($1)`,
    values: [sharedTargets],
  },
  {
    id: 'R12',
    title: 'unique indexes start with the organization or are on the list; nothing counts across organizations',
    text: `select format('%s on %s', i.indexrelid::regclass, i.indrelid::regclass) as what
             from pg_index i join pg_class c on c.oid = i.indrelid ${inPublic}
            where i.indisunique and not i.indexrelid::regclass::text = any($1)
              and not exists (select from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0] and a.attname = 'organization_id')
           union all
           select format('sequence %s', c.relname) from pg_class c ${inPublic} where c.relkind = 'S'`,
    values: [Object.keys(spanningUniques)],
  },
  {
    id: 'R13',
    title: 'views ask with the rights of their reader',
    text: `select format('%s.%s', n.nspname, c.relname) as what from pg_class c join pg_namespace n on n.oid = c.relnamespace, unnest($1::text[]) r(name)
             where not (${systemSchemas}) and has_table_privilege(r.name, c.oid, 'select')
               and (c.relkind = 'm' or (c.relkind = 'v' and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1']))`,
    values: [requestRoles],
  },
  {
    id: 'R14',
    title: 'functions with their owner\'s rights are on the list, pin their search path and are granted by name',
    text: `with functions as (
             select p.oid::regprocedure::text as name, p.proowner::regrole::text as owner, p.proconfig, p.proacl, $1::jsonb->(p.oid::regprocedure::text) as wanted
               from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prosecdef and not (${systemSchemas}))
           select format('%s is not on the list', name) as what from functions where wanted is null
           union all
           select format('%s belongs to %s', name, owner) from functions where wanted->>'owner' <> owner
           union all
           select format('%s does not pin its search path with pg_temp last', name) from functions
             where not exists (select from unnest(proconfig) s where s ~ '^search_path=.*, pg_temp$')
           union all
           select format('%s can be called by %s', name, coalesce(nullif(x.grantee, 0)::regrole::text, 'everybody'))
             from functions f, aclexplode(coalesce(f.proacl, acldefault('f', f.owner::regrole))) x
            where f.wanted is not null and x.grantee <> f.owner::regrole and not (f.wanted->'callers' ? coalesce(nullif(x.grantee, 0)::regrole::text, 'everybody'))`,
    values: [JSON.stringify(definerFunctions)],
  },
  {
    id: 'R7',
    title: 'no statement can change the context',
    text: `select format('%s may call set_config', name) as what from unnest($1::text[]) name
             where has_function_privilege(name, 'pg_catalog.set_config(text, text, boolean)', 'execute')
           union all
           select format('a default of %s sets the context', coalesce(nullif(setrole, 0)::regrole::text, 'the database'))
             from pg_db_role_setting, unnest(setconfig) s where s like 'app.%' and setdatabase in (0, (select oid from pg_database where datname = current_database()))`,
    values: [everyRole],
  },
  {
    id: 'R16',
    title: 'no partition or child table stands beside the policies of its parent',
    text: `select format('%s is a child of %s', i.inhrelid::regclass, i.inhparent::regclass) as what
             from pg_inherits i join pg_class c on c.oid = i.inhrelid, unnest($1::text[]) r(name)
            where c.relkind in ('r', 'p', 'f') and has_table_privilege(r.name, c.oid, 'select, insert, update, delete')`,
    values: [requestRoles],
  },
  {
    id: 'R18',
    title: 'the context is read once for a statement, and an index starts with the organization',
    text: `select format('%s: %s reads the setting for each row', tablename, policyname) as what from pg_policies
             where schemaname = 'public' and replace(coalesce(qual, '') || coalesce(with_check, ''), '( SELECT (NULLIF(current_setting(', '') like '%current\\_setting(%'
           union all
           select format('%s has no index that starts with the organization', a.attrelid::regclass)
             from pg_attribute a join pg_class c on c.oid = a.attrelid ${inPublic}
            where a.attname = 'organization_id' and c.relkind in ('r', 'p')
              and not exists (select from pg_index i where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indisvalid)`,
    values: [],
  },
  {
    id: 'R2',
    title: 'request roles make nothing, and nothing made later is theirs by default',
    text: `select format('%s may create in %s', r.name, n.nspname) as what from pg_namespace n, unnest($1::text[]) r(name)
             where not (${systemSchemas}) and has_schema_privilege(r.name, n.oid, 'create')
           union all
           select format('%s may create in the database', name) from unnest($1::text[]) name where has_database_privilege(name, current_database(), 'create')
           union all
           select format('%s gets %s on what is made later', coalesce(nullif(x.grantee, 0)::regrole::text, 'everybody'), lower(x.privilege_type))
             from pg_default_acl d, aclexplode(d.defaclacl) x
            where (x.grantee = 0 or x.grantee = any($1::regrole[]::oid[])) and d.defaclobjtype in ('r', 'S', 'f')`,
    values: [requestRoles],
  },
  {
    id: 'R2',
    title: 'no trigger or rewrite rule acts behind a statement',
    text: `select format('trigger %s on %s', t.tgname, c.relname) as what from pg_trigger t join pg_class c on c.oid = t.tgrelid ${inPublic} where not t.tgisinternal
           union all
           select format('rule %s on %s', w.rulename, c.relname) from pg_rewrite w join pg_class c on c.oid = w.ev_class ${inPublic} where w.rulename <> '_RETURN'`,
    values: [],
  },
  {
    id: 'R19',
    title: 'the backup role reads everything and does nothing else',
    text: `with backup as (select * from pg_roles where rolname = $1)
           select format('the role %s is missing', $1) as what where not exists (select from backup)
           union all
           select format('%s does not pass by row security: a copy would lack rows', rolname) from backup where not rolbypassrls
           union all
           select format('%s is superuser, or may make roles, databases or replicas', rolname) from backup where rolsuper or rolcreaterole or rolcreatedb or rolreplication
           union all
           select format('%s does not read everything', rolname) from backup where not pg_has_role(oid, 'pg_read_all_data', 'usage')
           union all
           select format('%s is a member of %s', rolname, m.roleid::regrole) from backup join pg_auth_members m on m.member = backup.oid
            where m.roleid <> 'pg_read_all_data'::regrole or m.admin_option or m.set_option
           union all
           select format('%s is a member of %s', m.member::regrole, rolname) from backup join pg_auth_members m on m.roleid = backup.oid where m.member::regrole::text = any($2)
           union all
           select format('%s may %s %s.%s', rolname, p.verb, n.nspname, c.relname)
             from backup cross join pg_class c join pg_namespace n on n.oid = c.relnamespace
             cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain']) p(verb)
            where c.relkind in ('r', 'p', 'v', 'm', 'f') and not (${systemSchemas})
              and (has_table_privilege(backup.oid, c.oid, p.verb)
                   or p.verb in ('insert', 'update', 'references') and has_any_column_privilege(backup.oid, c.oid, p.verb))
           union all
           select format('%s may change the sequence %s', rolname, c.relname)
             from backup cross join pg_class c where c.relkind = 'S' and has_sequence_privilege(backup.oid, c.oid, 'usage, update')
           union all
           select format('%s may create in %s', rolname, n.nspname) from backup cross join pg_namespace n
            where not (${systemSchemas}) and has_schema_privilege(backup.oid, n.oid, 'create')
           union all
           select format('%s belongs to %s', pg_describe_object(d.classid, d.objid, d.objsubid), rolname)
             from backup join pg_shdepend d on d.deptype = 'o' and d.refclassid = 'pg_authid'::regclass and d.refobjid = backup.oid
            where d.dbid = (select oid from pg_database where datname = current_database())`,
    values: [backupRole, everyRole],
  },
  {
    id: 'F6',
    title: 'logins give up in time',
    text: `select format('%s has no %s', r.name, s.name) as what from unnest($1::text[]) r(name), unnest(array['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) s(name)
             where not exists (select from pg_roles p, unnest(p.rolconfig) c where p.rolname = r.name and c ~ ('^' || s.name || '=[1-9]'))`,
    values: [[appRole, jobsRole]],
  },
];
