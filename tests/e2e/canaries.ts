import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { withClient } from '../support/postgres';
import type { RunningStudio } from '../support/studio';

interface Places {
  studio: RunningStudio;
  redisUrl: string;
  /** Pages and page parts that a browser was sent. */
  documents: readonly string[];
}

/**
 * Searches for values that must be nowhere in the open. What Studio keeps sealed is not the value itself, so it
 * needs no exception.
 */
export async function findCanaries(canaries: ReadonlyMap<string, string>, { studio, redisUrl, documents }: Places): Promise<{ searched: string; hits: string[] }> {
  const logs = await logsOf(studio.dataDir);
  const cached = await redisEntries(redisUrl);
  const columns = await textColumns(studio.database.ownerUrl);
  const hits: string[] = [];
  for (const [name, value] of canaries) {
    for (const [file, text] of logs) if (text.includes(value)) hits.push(`${name} in the log ${file}`);
    for (const text of documents) if (text.includes(value)) hits.push(`${name} in the page ${/<title>([^<]*)/.exec(text)?.[1] ?? text.slice(0, 60)}`);
    for (const [key, text] of cached) if (key.includes(value) || text.includes(value)) hits.push(`${name} in Redis at ${key}`);
    for (const column of await columnsWith(studio.database.ownerUrl, columns, value)) hits.push(`${name} in the column ${column}`);
  }
  return { searched: `${logs.size} logs, ${documents.length} documents, ${cached.size} Redis entries and ${columns.length} columns`, hits };
}

async function logsOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  return new Map(await Promise.all(names.map(async (name): Promise<[string, string]> => [name, await readFile(path.join(folder, name), 'utf8')])));
}

async function redisEntries(url: string): Promise<Map<string, string>> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    const dumps = await Promise.all(keys.map(async (key): Promise<[string, string]> => [key, (await redis.dumpBuffer(key))?.toString('latin1') ?? '']));
    return new Map(dumps);
  } finally {
    redis.disconnect();
  }
}

interface Column {
  table: string;
  column: string;
}

/** Everything that text could be in, in every schema of ours, jobs included. */
async function textColumns(url: string): Promise<Column[]> {
  const { rows } = await withClient(url, (client) =>
    client.query<Column>(
      `select format('%I.%I', c.table_schema, c.table_name) as table, quote_ident(c.column_name) as column
         from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
        where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')
          and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea', 'USER-DEFINED')`,
    ),
  );
  return rows;
}

async function columnsWith(url: string, columns: readonly Column[], value: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const found: string[] = [];
    for (const { table, column } of columns) {
      // Bytes are shown as hex, so the value is looked for in both writings.
      const { rows } = await client.query<{ there: boolean }>(
        `select exists (select from ${table} where ${column}::text like '%' || $1 || '%' or ${column}::text like '%' || $2 || '%') as there`,
        [value, Buffer.from(value).toString('hex')],
      );
      if (rows[0]?.there === true) found.push(`${table}.${column}`);
    }
    return found;
  });
}
