import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '@/db/platform/migrate';
import { relations } from '@/db/platform/relations';
import { copyIn, copyOut } from '../support/copy';
import { figure } from '../support/figure';
import { migratedDatabase, testDatabase, withClient, type TestDatabase } from '../support/postgres';
import { makeWorld } from './world';

let source: TestDatabase;
let backupUrl: string;

beforeAll(async () => {
  source = await migratedDatabase();
  const url = new URL(source.ownerUrl);
  [url.username, url.password] = ['studio_backup', 'backup-password'];
  backupUrl = url.href;
  await migrate({ ...source, backupUrl });
  await withClient(source.ownerUrl, async (owner) => {
    await makeWorld(owner);
    await owner.query(`select graphile_worker.add_job('send-mail', '{"sealed": "p1.k1.x"}')`);
  });
});
afterAll(async () => {
  // Roles are the cluster's: nobody after this needs the login.
  await migrate(source);
  await source.drop();
});

/** Every table that has rows of ours, the job queue's and the ledger of migrations included. */
async function tablesOf(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname in ('public', 'graphile_worker', 'drizzle') order by 1`,
  );
  return rows.map(({ name }) => name);
}

type Copy = Map<string, { lines: number; bytes: Buffer }>;

/** As pg_dump goes about it: one snapshot, tables locked against changes of shape, row security not to be applied in silence. */
async function dump(url: string): Promise<Copy> {
  return withClient(url, async (client) => {
    await client.query(`select pg_catalog.set_config('search_path', '', false)`);
    await client.query('set row_security = off');
    await client.query('begin isolation level repeatable read read only');
    const copy: Copy = new Map();
    for (const table of await tablesOf(client)) {
      await client.query(`lock table ${table} in access share mode`);
      copy.set(table, await copyOut(client, `copy ${table} to stdout`));
    }
    return copy;
  });
}

async function restore(ownerUrl: string, copy: Copy): Promise<void> {
  await withClient(ownerUrl, async (owner) => {
    await owner.query('begin');
    // What refers to what was checked when it was written.
    await owner.query('set local session_replication_role = replica');
    await owner.query(`truncate ${[...copy.keys()].join(', ')}`);
    for (const [table, { bytes }] of copy) await copyIn(owner, `copy ${table} from stdin`, bytes);
    await owner.query('commit');
  });
}

async function counts(ownerUrl: string): Promise<Record<string, string>> {
  return withClient(ownerUrl, async (owner) => {
    const found: Record<string, string> = {};
    for (const table of await tablesOf(owner)) {
      const { rows } = await owner.query<{ seen: string }>(`select count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') as seen from ${table} t`);
      found[table] = rows[0]?.seen ?? '';
    }
    return found;
  });
}

describe('R19: a copy of the database', () => {
  it('made by the backup role is whole: restored, every table has the same rows', async (context) => {
    const copy = await dump(backupUrl);
    const target = await testDatabase();
    try {
      await migrate({ ...source, ...target, backupUrl });
      await restore(target.ownerUrl, copy);
      const [before, after] = [await counts(source.ownerUrl), await counts(target.ownerUrl)];
      const differing = Object.keys({ ...before, ...after }).filter((table) => after[table] !== before[table]);
      // A table without a row would be the same however it is copied.
      const empty = Object.keys(relations).filter((table) => (copy.get(`public.${table}`)?.lines ?? 0) === 0);
      const rows = [...copy.values()].reduce((sum, { lines }) => sum + lines, 0);
      figure(context, { requirements: ['R19'], what: 'tables of a copy whose rows differ after it is restored', reached: `${differing.length} of ${copy.size} tables, ${rows} rows${differing.map((table) => `; ${table}`).join('')}; without a row: ${empty.join(', ') || 'none of ours'}`, bound: '0, with rows in each of ours', pass: differing.length === 0 && empty.length === 0 });
    } finally {
      await target.drop();
    }
  });

  it('made by the runtime role is refused, or lacks every row of an organization', async () => {
    await withClient(source.appUrl, async (app) => {
      await app.query('set row_security = off');
      for (const [table, relation] of Object.entries(relations)) {
        const refusal = relation.class === 'platform-only' ? /permission denied/ : /row-level security|permission denied/;
        // The price list is the same for everyone, and its policy too is not asked in silence.
        await expect(copyOut(app, `copy public.${table} to stdout`), table).rejects.toThrow(refusal);
      }
      await app.query('set row_security = on');
      for (const [table] of Object.entries(relations).filter(([, { class: kind }]) => kind === 'tenant' || kind === 'user-owned')) {
        expect((await copyOut(app, `copy public.${table} to stdout`)).lines, table).toBe(0);
      }
    });
  });

  it('is all that the role is good for: no verb changes any table, even in a transaction that may write', async () => {
    await withClient(backupUrl, async (backup) => {
      const refused: string[] = [];
      const tables = await tablesOf(backup);
      for (const table of tables) {
        const { rows } = await backup.query<{ column: string }>(`select quote_ident(attname) as column from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = '' limit 1`, [table]);
        const column = rows[0]?.column ?? '';
        const verbs = [`insert into ${table} default values`, `update ${table} set ${column} = ${column}`, `delete from ${table}`, `truncate ${table}`, `lock table ${table} in row exclusive mode`, `alter table ${table} disable row level security`, `drop table ${table}`];
        for (const verb of verbs) {
          await backup.query('begin read write');
          refused.push(await backup.query(verb).then(() => `done: ${verb}`, (error: unknown) => (error instanceof pg.DatabaseError ? (error.code ?? '') : 'failed')));
          await backup.query('rollback');
        }
      }
      expect([...new Set(refused)]).toEqual(['42501']);
      await expect(backup.query('create table public.mine (id int)')).rejects.toThrow(/permission denied|read-only/);
      await expect(backup.query('set role studio_app')).rejects.toThrow('permission denied');
      console.info(`backup: ${refused.length} writes tried on ${tables.length} tables, ${refused.filter((code) => code !== '42501').length} done`);
    });
  });

  it('cannot be made before the operator names a login, nor with one that is not its own', async () => {
    await migrate(source);
    await expect(withClient(backupUrl, (client) => client.query('select 1'))).rejects.toThrow(/not permitted to log in|authentication failed/);
    await expect(migrate({ ...source, backupUrl: source.ownerUrl })).rejects.toThrow('DATABASE_BACKUP_URL must log in as studio_backup');
    const bare = new URL(backupUrl);
    bare.password = '';
    await expect(migrate({ ...source, backupUrl: bare.href })).rejects.toThrow('has no password');
    await migrate({ ...source, backupUrl });
    expect(await withClient(backupUrl, async (client) => (await client.query('select 1')).rowCount)).toBe(1);
  });
});
