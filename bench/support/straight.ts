import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { newUuid } from '@/lib/kernel/ids';
import type { Measured } from './load';
import { findPgbench, pgbench } from './pgbench';
import { percentile } from './statistics';
import { idsIn, type Spoken, type Transcript } from './transcript';

export interface Straight {
  /** For the table: by what the transactions are run. */
  by: string;
  run(transcripts: readonly Transcript[], amount: { seconds: number; requests?: number }): Promise<Measured>;
}

/** As many as ask a server under test, when growth is measured. */
export const connections = 4;

/** Runs the transactions of verbs straight on Postgres: by pgbench where it is installed, else by the driver, with all of a transaction in one round trip. */
export function straight(url: string, scratch: string): Straight {
  const program = findPgbench();
  if (program === undefined) return { by: 'the driver alone (pgbench is not installed)', run: (transcripts, amount) => byDriver(url, transcripts, amount) };
  return { by: 'pgbench', run: (transcripts, amount) => pgbench({ program, url, transcripts, connections, scratch, ...amount }) };
}

async function byDriver(url: string, transcripts: readonly Transcript[], { seconds, requests }: { seconds: number; requests?: number }): Promise<Measured> {
  const times: number[] = [];
  const untilMs = performance.now() + seconds * 1000;
  let left = requests ?? Infinity;
  let turn = 0;

  async function loop(): Promise<void> {
    const client = new pg.Client({ connectionString: url, pipeline: true });
    await client.connect();
    try {
      while (left > 0 && (requests !== undefined || performance.now() < untilMs)) {
        left -= 1;
        const transcript = transcripts[turn++ % transcripts.length];
        if (transcript === undefined) throw new Error('there is no transaction to run');
        const queries = anew(transcript);
        const startedMs = performance.now();
        await Promise.all(queries.map(({ text, values, name }) => client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) })));
        times.push(performance.now() - startedMs);
      }
    } finally {
      await client.end();
    }
  }

  const startedMs = performance.now();
  await Promise.all(Array.from({ length: connections }, loop));
  times.sort((a, b) => a - b);
  return { requests: times.length, perSecond: (times.length / (performance.now() - startedMs)) * 1000, p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99), bodyBytes: 0 };
}

/** The same transaction with new ids where the verb makes some. */
export function anew({ spoken, fresh }: Transcript): Spoken[] {
  const ids = new Map([...fresh].map((id) => [id, newId(id)]));
  const renewed = (value: unknown) => (typeof value === 'string' ? idsIn(value).reduce((text, id) => text.replaceAll(id, ids.get(id) ?? id), value) : value);
  return spoken.map((one) => ({ ...one, values: one.values.map(renewed) }));
}

function newId(like: string): string {
  if (like.includes('-')) return newUuid();
  const [prefix, rest] = like.includes('_') ? [like.slice(0, 4), like.slice(4)] : ['', like];
  return prefix + randomBytes(rest.length).toString('hex').slice(0, rest.length);
}
