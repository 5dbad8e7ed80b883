import type { ClientBase } from 'pg';
import type { Log } from '@/lib/kernel/log';
import { standingConnection } from './standing-connection';

/** Tells these advisory locks from any others. */
const lockClass = 7_301;
const sweepEveryMs = 2_000;
/** Longer than a process needs to come back to a restarted Postgres, or to show a worker that has just begun. */
const missingForMs = 5_000;

export interface Presence {
  /** A worker of this process takes jobs from now on. */
  show(workerId: string): void;
  /** A worker takes no more jobs, and whatever is still marked with it is given back. */
  hide(workerId: string): void;
  close(): Promise<void>;
}

/**
 * The job runner marks the jobs it works on with the worker's name, and would leave those of a killed process to
 * nobody for four hours. Here each worker holds a lock by its name for as long as its process lives, and every
 * process gives back the jobs of workers that hold none. A process that only stands still keeps its lock and its jobs.
 */
export function keepPresence(url: string, log: Log): Presence {
  const shown = new Set<string>();
  const locked = new WeakMap<ClientBase, Set<string>>();
  /** Since when a worker that jobs are marked with was not seen. */
  const missingSinceMs = new Map<string, number>();

  /** Locks whatever this session has not locked yet, and lets go of what it need not hold any more. */
  async function lock(client: ClientBase): Promise<void> {
    const held = locked.get(client) ?? new Set();
    locked.set(client, held);
    const wanted = [...shown].filter((worker) => !held.has(worker));
    if (wanted.length > 0) await client.query(lockSql, [lockClass, wanted]);
    for (const worker of wanted) held.add(worker);
    const past = [...held].filter((worker) => !shown.has(worker));
    if (past.length > 0) await client.query(unlockSql, [lockClass, past]);
    for (const worker of past) held.delete(worker);
  }

  const connection = standingConnection(url, {
    name: 'studio-presence',
    log,
    async onConnect(client) {
      // A machine that vanishes closes no connection: Postgres has to ask.
      await client.query('set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3');
      await lock(client);
    },
  });

  async function sweep(): Promise<void> {
    const client = connection.client();
    if (client === null) return missingSinceMs.clear();
    await lock(client);
    const { rows } = await client.query<{ worker: string }>(missingSql, [lockClass]);
    const missing = new Set(rows.map(({ worker }) => worker));
    for (const worker of missingSinceMs.keys()) if (!missing.has(worker)) missingSinceMs.delete(worker);
    for (const worker of missing) if (!missingSinceMs.has(worker)) missingSinceMs.set(worker, performance.now());
    const gone = [...missing].filter((worker) => performance.now() - (missingSinceMs.get(worker) ?? Infinity) >= missingForMs);
    if (gone.length === 0) return;
    await client.query('select graphile_worker.force_unlock_workers($1::text[])', [gone]);
    log.warn({ workers: gone }, 'gave back the jobs of workers that are gone');
  }

  let sweeping = false;
  const timer = setInterval(() => {
    if (sweeping) return;
    sweeping = true;
    void sweep()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'could not look after the jobs of workers that are gone');
        connection.renew();
      })
      .finally(() => (sweeping = false));
  }, sweepEveryMs);
  timer.unref();

  return {
    show(workerId) {
      shown.add(workerId);
    },
    hide(workerId) {
      shown.delete(workerId);
    },
    async close() {
      clearInterval(timer);
      await connection.close();
    },
  };
}

const lockSql = 'select pg_advisory_lock_shared($1::int, hashtext(worker)) from unnest($2::text[]) as worker';
const unlockSql = 'select pg_advisory_unlock_shared($1::int, hashtext(worker)) from unnest($2::text[]) as worker';

const missingSql = `
  select distinct j.locked_by as worker from graphile_worker._private_jobs j
    where j.locked_by is not null
      and not exists (
        select from pg_locks l
          where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.classid::bigint = $1
            and l.objid::bigint = hashtext(j.locked_by)::bigint & 4294967295
            and l.database = (select oid from pg_database where datname = current_database()))`;
