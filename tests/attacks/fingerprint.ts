import { createHash } from 'node:crypto';
import type { TestStudio } from '../support/context';

/** A hash of each table's rows, by table: what an attack has changed shows, wherever it is. */
export async function fingerprint({ raw }: Pick<TestStudio, 'raw'>): Promise<Map<string, string>> {
  const tables = await raw<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public' or (schemaname = 'graphile_worker' and tablename = '_private_jobs') order by 1`,
  );
  const hashes = new Map<string, string>();
  for (const { name } of tables) {
    const [row] = await raw<{ rows: string | null }>(`select string_agg(t::text, chr(10) order by t::text) as rows from ${name} t`);
    hashes.set(name, createHash('sha1').update(row?.rows ?? '').digest('hex'));
  }
  return hashes;
}

/** The tables that differ. */
export function changedTables(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name);
}

/** How many rows hold a text, in all tables together, written as Postgres prints a row. */
export async function rowsWith({ raw }: Pick<TestStudio, 'raw'>, text: string): Promise<number> {
  const tables = await raw<{ name: string }>(`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public'`);
  const counts = tables.map(({ name }) => `(select count(*) from ${name} t where position($1 in t::text) > 0)`);
  const [row] = await raw<{ count: string }>(`select ${counts.join(' + ')} as count`, [text]);
  return Number(row?.count ?? 0);
}
