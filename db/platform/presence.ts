import type { Log } from '@/lib/kernel/log';
import { standingConnection } from './standing-connection';

/** Tells these advisory locks from any others. */
const lockClass = 7_301;
const sweepEveryMs = 2_000;
/** A worker that has just started may take a job before its lock is there. */
const graceSeconds = 3;

export interface Presence {
  /** A worker of this process takes jobs from now on. */
  show(workerId: string): void;
  close(): Promise<void>;
}

/**
 * The job runner marks the jobs it works on with the worker's name, and would leave those of a killed process to
 * nobody for four hours. Here each worker holds a lock by its name for as long as its process lives, and every
 * process gives back the jobs of workers that hold none. A process that only stands still keeps its lock and its jobs.
 */
export function keepPresence(url: string, log: Log): Presence {
  const shown = new Set<string>();
  const connection = standingConnection(url, {
    name: 'studio-presence',
    log,
    async onConnect(client) {
      // A machine that vanishes closes no connection: Postgres has to ask.
      await client.query('set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3');
      await client.query(lockSql, [lockClass, [...shown]]);
    },
  });

  async function sweep(): Promise<void> {
    const rows = (await connection.client()?.query<{ gone: string[] }>(sweepSql, [lockClass, graceSeconds]))?.rows ?? [];
    for (const { gone } of rows) log.warn({ workers: gone }, 'gave back the jobs of workers that are gone');
  }

  const failed = (error: unknown) => log.warn({ err: error }, 'could not look after the jobs of workers that are gone');
  let sweeping = false;
  const timer = setInterval(() => {
    if (sweeping) return;
    sweeping = true;
    void sweep().catch(failed).finally(() => (sweeping = false));
  }, sweepEveryMs);
  timer.unref();

  return {
    show(workerId) {
      shown.add(workerId);
      connection.client()?.query(lockSql, [lockClass, [workerId]]).catch(failed);
    },
    async close() {
      clearInterval(timer);
      await connection.close();
    },
  };
}

const lockSql = 'select pg_advisory_lock_shared($1::int, hashtext(worker)) from unnest($2::text[]) as worker';

const sweepSql = `
  with gone as materialized (
    select array_agg(distinct j.locked_by) as workers from graphile_worker._private_jobs j
      where j.locked_by is not null and j.locked_at < clock_timestamp() - $2 * interval '1 second'
        and not exists (
          select from pg_locks l
            where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.classid::bigint = $1
              and l.objid::bigint = hashtext(j.locked_by)::bigint & 4294967295
              and l.database = (select oid from pg_database where datname = current_database()))
  )
  select workers as gone, graphile_worker.force_unlock_workers(workers) from gone where workers is not null`;
