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
    const written = writingsOf(value);
    const isIn = (text: string): boolean => written.some((writing) => text.includes(writing));
    for (const [file, text] of logs) if (isIn(text)) hits.push(`${name} in the log ${file}`);
    for (const text of documents) if (isIn(text)) hits.push(`${name} in the page ${/<title>([^<]*)/.exec(text)?.[1] ?? text.slice(0, 60)}`);
    for (const [key, text] of cached) if (isIn(key) || isIn(text)) hits.push(`${name} in Redis at ${key}`);
    for (const column of await columnsWith(studio.database.ownerUrl, columns, written)) hits.push(`${name} in the column ${column}`);
  }
  return { searched: `${logs.size} logs, ${documents.length} documents, ${cached.size} Redis entries and ${columns.length} columns`, hits };
}

/** The ways in which a value is written where nobody thinks of it. Base64 only where it begins a word, as a whole value does. */
function writingsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  // The last group of base64 depends on what follows, so it is left off.
  const base64 = bytes.toString('base64').replace(/.{0,4}=*$/, '');
  return [...new Set([value, bytes.toString('hex'), base64, base64.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])].filter((writing) => writing.length >= 12);
}

async function logsOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  return new Map(await Promise.all(names.map(async (name): Promise<[string, string]> => [name, await readFile(path.join(folder, name), 'utf8')])));
}

async function redisEntries(url: string): Promise<Map<string, string>> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    return new Map(await Promise.all(keys.map(async (key): Promise<[string, string]> => [key, JSON.stringify(await valueAt(redis, key))])));
  } finally {
    redis.disconnect();
  }
}

/** Read by its type: a dump is compressed, and hides what it holds. */
async function valueAt(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, 0, -1);
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return redis.get(key);
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

async function columnsWith(url: string, columns: readonly Column[], written: readonly string[]): Promise<string[]> {
  return withClient(url, async (client) => {
    const found: string[] = [];
    for (const { table, column } of columns) {
      // Bytes are shown as hex, which is among the writings.
      const { rows } = await client.query<{ there: boolean }>(`select exists (select from ${table}, unnest($1::text[]) as writing where position(writing in ${column}::text) > 0) as there`, [written]);
      if (rows[0]?.there === true) found.push(`${table}.${column}`);
    }
    return found;
  });
}
