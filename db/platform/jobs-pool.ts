import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isAppError } from '@/lib/kernel/errors';
import type { Log } from '@/lib/kernel/log';
import { longPatienceMs } from './client';
import { translateDatabaseError } from './errors';

interface JobsPoolOptions {
  max: number;
  log: Log;
  /** How long to wait before a lost statement is asked again, in milliseconds. */
  againAfterMs?: number;
}

/**
 * The pool of the job runner. The runner's clock asks it for one statement a minute and ends the whole process when
 * that fails, as it does when Postgres restarts on a full minute. So what is asked of the pool itself waits for
 * Postgres to be back; all of it may be repeated, because the clock notes for each entry until when it has run.
 * Who takes a connection out of the pool hears of its loss at once, as ever, and tries again by itself.
 */
export function openJobsPool(url: string, { max, log, againAfterMs = 1_000 }: JobsPoolOptions): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, connectionTimeoutMillis: longPatienceMs });
  const ask = pool.query.bind(pool) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>;

  async function askUntilAnswered(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    for (;;) {
      try {
        return await ask(text, values);
      } catch (error) {
        const known = translateDatabaseError(error);
        if (pool.ending || !isAppError(known) || known.code !== 'unavailable') throw error;
        log.warn({ err: error }, 'the clock of the jobs waits for the database');
        await sleep(againAfterMs);
      }
    }
  }

  return Object.assign(pool, { query: askUntilAnswered });
}
