import { poolSizes } from '@/db/platform/boot-check';
import { appRole, jobsRole } from '@/db/platform/relations';
import { withClient } from '../support/postgres';
import type { Cluster } from './cluster';

/** What Postgres holds for the processes of a cluster. */
export interface Backends {
  /** By the name that each goes by; the connections of the job runner have none and go by its role. */
  totals: Map<string, number>;
  /** In a transaction that began before the time that was asked about: at work for nobody, or waiting for nobody. */
  standing: number;
}

export async function backendsOf({ studio }: Cluster, { before }: { before: Date }): Promise<Backends> {
  const { rows } = await withClient(studio.database.ownerUrl, (owner) =>
    owner.query<{ name: string; total: number; standing: number }>(
      // One that was aborted and not ended has no time of its own left, only that of its last statement.
      `select case when application_name = '' and usename = $3 then $3 else application_name end as name, count(*)::int as total, count(*) filter (where state <> 'idle' and coalesce(xact_start, query_start) < $1)::int as standing
         from pg_stat_activity where datname = current_database() and usename in ($2, $3) group by 1`,
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
export function beyond({ totals }: Backends, { servers, pooled }: { servers: readonly number[]; pooled: number | null }): { what: string; held: number; most: number }[] {
  const ofServers = servers.reduce((sum, total) => sum + total, 0);
  const direct = [
    { what: 'servers', names: ['studio-server'], most: ofServers },
    { what: 'workers', names: ['studio-worker'], most: servers.length * poolSizes.worker },
  ];
  const parties = [
    // A pooler hands its connections to servers and workers alike; one that nobody has had yet has no name.
    ...(pooled === null ? direct : [{ what: 'pooler', names: ['studio-server', 'studio-worker', ''], most: pooled }]),
    { what: 'jobs', names: [jobsRole], most: servers.length * poolSizes.jobs },
    { what: 'notices', names: ['studio-listen'], most: servers.length },
    { what: 'presence', names: ['studio-presence'], most: servers.length },
  ];
  const known = new Set(parties.flatMap(({ names }) => names));
  const strangers = [...totals.keys()].filter((name) => !known.has(name)).map((name) => ({ what: `somebody by the name '${name}'`, names: [name], most: 0 }));
  return [...parties, ...strangers]
    .map(({ what, names, most }) => ({ what, held: names.reduce((sum, name) => sum + (totals.get(name) ?? 0), 0), most }))
    .filter(({ held, most }) => held > most);
}
