import { poolSizes } from '@/db/platform/boot-check';
import { appRole, jobsRole } from '@/db/platform/relations';
import { withClient } from '../support/postgres';
import type { Cluster } from './cluster';

/** What Postgres holds for the processes of a cluster. */
export interface Backends {
  /** By the name that each goes by; the job runner's own go by none. */
  totals: Map<string, number>;
  /** In a transaction that began before the time that was asked about: at work for nobody, or waiting for nobody. */
  standing: number;
}

export async function backendsOf({ studio }: Cluster, { before }: { before: Date }): Promise<Backends> {
  const { rows } = await withClient(studio.database.ownerUrl, (owner) =>
    owner.query<{ name: string; total: number; standing: number }>(
      // One that was aborted and not ended has no time of its own left, only that of its last statement.
      `select application_name as name, count(*)::int as total, count(*) filter (where state <> 'idle' and coalesce(xact_start, query_start) < $1)::int as standing
         from pg_stat_activity where datname = current_database() and usename in ($2, $3) group by application_name`,
      [before, appRole, jobsRole],
    ),
  );
  return { totals: new Map(rows.map(({ name, total }) => [name, total])), standing: rows.reduce((sum, { standing }) => sum + standing, 0) };
}

/** The clock that transactions are dated by. */
export async function databaseTime({ studio }: Cluster): Promise<Date> {
  const { rows: [row] } = await withClient(studio.database.ownerUrl, (owner) => owner.query<{ now: Date }>('select clock_timestamp() as now'));
  if (row === undefined) throw new Error('the database does not tell the time');
  return row.now;
}

/** More than the processes know of, each with how many it is and how many it may be: those would be missing when the limit of connections is reached. */
export function beyond({ totals }: Backends, { servers, pooled }: { servers: readonly number[]; pooled: number | null }): { name: string; held: number; most: number }[] {
  const ofServers = servers.reduce((sum, total) => sum + total, 0);
  const ofWorkers = servers.length * poolSizes.worker;
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (totals.get(name) ?? 0), 0);
  const direct = [{ name: 'servers', held: of('studio-server'), most: ofServers }, { name: 'workers', held: of('studio-worker'), most: ofWorkers }];
  return [
    // A pooler hands its connections to servers and workers alike.
    ...(pooled === null ? direct : [{ name: 'pooler', held: of('studio-server', 'studio-worker'), most: pooled }]),
    { name: 'jobs', held: of(''), most: servers.length * poolSizes.jobs },
    { name: 'notices', held: of('studio-listen'), most: servers.length },
    { name: 'presence', held: of('studio-presence'), most: servers.length },
  ].filter(({ held, most }) => held > most);
}
