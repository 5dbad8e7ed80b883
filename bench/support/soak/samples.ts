import { readdir } from 'node:fs/promises';
import { withOwner, type Databases } from '../kept-database';
import type { Running } from '../processes';
import type { Server } from '../stage';

/** What two processes hold at one moment. */
export interface Sample {
  serverMb: number;
  workerMb: number;
  /** Open files and sockets of both. */
  descriptors: number;
  /** What keeps the event loop of the server alive, as it counts itself. */
  handles: number;
  /** Connections of both to Postgres, as Postgres counts them. */
  connections: number;
  /** The p99 of how late the server's event loop came since it was asked last, in milliseconds. */
  lagMs: number;
}

export async function sample(server: Server, worker: Running, { ownerUrl }: Databases): Promise<Sample> {
  const [serverMb, workerMb, ofServer, ofWorker, metrics, connections] = await Promise.all([
    server.rssMb(),
    worker.rssMb(),
    descriptors(server),
    descriptors(worker),
    metricsOf(server),
    withOwner(ownerUrl, async (client) => {
      const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`);
      return rows[0]?.count ?? Number.NaN;
    }),
  ]);
  return { serverMb, workerMb, descriptors: ofServer + ofWorker, handles: metrics('studio_nodejs_active_handles_total'), connections, lagMs: 1000 * metrics('studio_nodejs_eventloop_lag_p99_seconds') };
}

async function descriptors({ pid }: Running): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function metricsOf({ url }: Server): Promise<(name: string) => number> {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  return (name) => {
    const value = new RegExp(`^${name} ([0-9.e+-]+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`/metrics tells no ${name}`);
    return Number(value);
  };
}
