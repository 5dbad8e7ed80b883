import pg from 'pg';

/** The rows of a world as they were when it was made: what is written later is noted by triggers, and can be taken back. */
export interface KeptRows {
  /** The tables in which rows of an organization or of its people were written since, jobs included; denials in the log are counted apart. */
  changed(organizationId: string): Promise<string[]>;
  /** What was written to the log since, in the order in which it came. */
  logged(): Promise<LogRow[]>;
  /** What was written since is no change by anybody, and is taken back all the same. */
  overlook(): Promise<void>;
  /** Makes everything as it was. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export interface LogRow {
  organization_id: string | null;
  action: string;
  outcome: string;
  reason: string | null;
  request_id: string;
}

interface Kept {
  table: string;
  copy: string;
  columns: string;
}

/** Every row that is made, changed or deleted, as it was before and is after. A write that fails leaves no note either. */
const notes = `
  create schema kept;
  create table kept.notes (id bigint generated always as identity primary key, name text not null, before jsonb, after jsonb);
  create function kept.note() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    begin
      if tg_op = 'UPDATE' then
        if to_jsonb(old) = to_jsonb(new) then return null; end if;
      end if;
      insert into kept.notes (name, before, after) values (
        tg_table_schema || '.' || tg_table_name,
        case when tg_op = 'INSERT' then null else to_jsonb(old) end,
        case when tg_op = 'DELETE' then null else to_jsonb(new) end);
      return null;
    end $$`;

/** By its organization where it has one, else by its person; what belongs to neither is everybody's. */
const concerned = `
  select distinct n.name from kept.notes n, lateral (values (n.before), (n.after)) v(r)
   where r is not null and not (n.name = 'public.audit_logs' and r->>'outcome' = 'denied')
     and case
       when n.name = 'public.organizations' then r->>'id' = $1
       when n.name = 'graphile_worker._private_jobs' then r->'payload'->>'organization_id' = $1
       when r ? 'organization_id' then r->>'organization_id' = $1
       when n.name = 'public.users' then r->>'id' in (select user_id::text from kept.memberships where organization_id::text = $1)
       when r ?| array['user_id', 'owner_id'] then coalesce(r->>'user_id', r->>'owner_id') in (select user_id::text from kept.memberships where organization_id::text = $1)
       else true end
   order by 1`;

/** Uses a superuser's connection of its own. */
export async function keepRows(ownerUrl: string): Promise<KeptRows> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(notes);
  const tables = await tablesOf(client);
  for (const { table, copy } of tables) {
    await client.query(`create table ${copy} as table ${table}; create trigger kept_note after insert or update or delete on ${table} for each row execute function kept.note()`);
  }

  return {
    async changed(organizationId) {
      const { rows } = await client.query<{ name: string }>({ name: 'changed', text: concerned, values: [organizationId] });
      return rows.map(({ name }) => name);
    },
    async logged() {
      const { rows } = await client.query<LogRow>(
        `select after->>'organization_id' as organization_id, after->>'action' as action, after->>'outcome' as outcome, after->>'reason' as reason, after->>'request_id' as request_id
           from kept.notes where name = 'public.audit_logs' and before is null order by id`,
      );
      return rows;
    },
    async overlook() {
      await client.query('update kept.notes set before = null, after = null');
    },
    async restore() {
      const { rows } = await client.query<{ name: string }>('select distinct name from kept.notes');
      if (rows.length === 0) return;
      const dirty = tables.filter(({ table }) => rows.some(({ name }) => name === table));
      // A refusal is written down each time, and the log is long.
      const statements = dirty.map(({ table, copy, columns }) => (table === 'public.audit_logs' ? `delete from ${table} t using kept.notes n where n.name = '${table}' and t.id::text = n.after->>'id';` : `delete from ${table}; insert into ${table} (${columns}) overriding system value select ${columns} from ${copy};`));
      // As a replica none of the foreign keys and triggers stands in the way of the order.
      await client.query(`begin; set local session_replication_role = replica; ${statements.join(' ')} delete from kept.notes; commit`);
    },
    close: () => client.end(),
  };
}

async function tablesOf(client: pg.Client): Promise<Kept[]> {
  const { rows } = await client.query<Kept>(
    `select format('%I.%I', n.nspname, c.relname) as table, format('kept.%I', c.relname) as copy,
            string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relkind = 'r' and (n.nspname = 'public' or (n.nspname, c.relname) = ('graphile_worker', '_private_jobs'))
      group by n.nspname, c.relname order by 1`,
  );
  return rows;
}
