import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { ProjectView } from '@/lib/projects/schemas';
import { isAlive } from '../../scripts/lib/processes.mjs';
import { startBalancer } from '../support/balancer';
import { figure, proof, scaled } from '../support/figure';
import { withClient } from '../support/postgres';
import type { StudioProcess } from '../support/studio';
import type { Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { backendsOf, beyond, databaseTime } from './backends';
import { chosenTopologies, poolerSize, spread, startCluster, type Cluster } from './cluster';
import { startLoad } from './load';

const poolSize = 20;
const renamesAtOnce = 4;
/** Postgres waits 5 s for a lock, ends a transaction that stands idle for 15 s, and is given some time for it. */
const endedByPostgresMs = 22_000;

describe.each(chosenTopologies)('running and stopping, $topology', ({ pooled, topology }) => {
  let cluster: Cluster;
  let owner: Visitor;
  let organization: OrganizationView;
  let project: ProjectView;

  beforeAll(async () => {
    cluster = await startCluster({ pooled, env: { RATE_LIMIT_PER_MINUTE: '1000000', DRAIN_SECONDS: '1' } });
    owner = await cluster.signUp();
    organization = await cluster.newOrganization(owner);
    project = await cluster.readyProject(owner, organization.id, 'Kept');
  });

  afterEach(async () => {
    cluster.postgres.heal();
    await waitFor(() => bothReady(), { what: 'both servers to be ready again', withinMs: 15_000 });
  });

  afterAll(async () => {
    await cluster.stop();
  });

  const list = () => `/api/v1/projects?organization_id=${organization.id}`;

  async function bothReady(): Promise<boolean> {
    const statuses = await Promise.all(cluster.studio.urls.map((url) => statusOf(url, '/ready')));
    return statuses.every((status) => status === 200);
  }

  /** With the last words of the one that has ended. */
  async function expectAlive(processes: readonly StudioProcess[]): Promise<void> {
    for (const { pid, output } of processes) expect(isAlive(pid), isAlive(pid) ? '' : (await output()).slice(-4_000)).toBe(true);
  }

  async function backends(applicationName: string): Promise<number> {
    const counted = await withClient(cluster.studio.database.ownerUrl, (client) =>
      client.query<{ count: number }>('select count(*)::int from pg_stat_activity where datname = current_database() and application_name = $1', [applicationName]),
    );
    return counted.rows[0]?.count ?? 0;
  }

  /** On a busy machine the first pages take seconds, in which some of many are asked to come back. */
  async function untilServed(path: string, at: string): Promise<void> {
    await waitFor(
      async () => {
        const { status, text } = await owner.ask('GET', path, { at });
        expect([200, 503], text).toContain(status);
        return status === 200;
      },
      { what: `${path} to be served`, everyMs: 1_000 },
    );
  }

  /** Holds the row, so that whoever wants to change it stands in the middle of a transaction. @returns what lets it go */
  async function holdProject(): Promise<() => Promise<void>> {
    const holder = new pg.Client({ connectionString: cluster.studio.database.ownerUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from projects where public_id = $1 for update', [project.id]);
    return () => holder.end();
  }

  /** Connections and transactions on the server that no process of ours knows of any more. */
  async function leaked(since: Date): Promise<{ leaks: number; backends: number; told: string }> {
    const servers = await Promise.all(cluster.studio.urls.map(poolTotal));
    const found = await backendsOf(cluster, { before: since });
    const over = beyond(found, { servers, pooled: pooled ? poolerSize : null });
    return {
      leaks: found.standing + over.reduce((sum, { held, most }) => sum + held - most, 0),
      backends: [...found.totals.values()].reduce((sum, total) => sum + total, 0),
      told: JSON.stringify({ standing: found.standing, over }),
    };
  }

  /** Of before that time, once they had ten seconds to go. */
  async function settledLeaks(since: Date): Promise<Awaited<ReturnType<typeof leaked>>> {
    const counted = { leaks: Infinity, backends: 0, told: '' };
    await waitFor(async () => Object.assign(counted, await leaked(since)).leaks === 0, { what: 'the backends to leave', withinMs: 10_000 }).catch(() => undefined);
    return counted;
  }

  describe('connections', () => {
    it('are no more than the pool may have, however many requests want one', async (context) => {
      // The first look counts rows, for which it needs a connection itself.
      await Promise.all(cluster.studio.urls.map(poolTotal));
      const letGo = await holdProject();
      const changes = cluster.studio.urls.flatMap((at) => Array.from({ length: 2 * poolSize }, () => owner.ask('PATCH', `/api/v1/projects/${project.id}`, { body: { framework: project.framework }, at })));
      const used = await Promise.all(cluster.studio.urls.map(fullest));
      await letGo();
      const statuses = (await Promise.all(changes)).map(({ status }) => status);
      expect([200, 503]).toEqual(expect.arrayContaining(statuses));
      figure(context, {
        requirements: ['F6'],
        what: `Connections of the two servers to Postgres while ${2 * poolSize} requests at each want one for long, ${topology}`,
        reached: `${used.map(({ total, waiting }) => `${total} and ${waiting} requests waiting`).join(', ')}; ${statuses.filter((status) => status === 503).length} of ${statuses.length} answered 503`,
        bound: `≤ ${poolSize} each, some waiting, some served`,
        pass: used.every(({ total, waiting }) => total <= poolSize && waiting > 0) && statuses.includes(200),
      });
    });

    it('one pool per server process serves API and pages', async () => {
      const paths = [list(), '/api/v1/users/sessions', `/${organization.slug}`, '/account/sessions'];
      for (const at of cluster.studio.urls) {
        await Promise.all(Array.from({ length: 3 * poolSize }, (_, n) => untilServed(paths[n % paths.length] ?? '/', at)));
      }
      const pools = await Promise.all(cluster.studio.urls.map(poolTotal));
      console.info(`connections of the two servers: ${pools.join(' and ')}`);
      for (const total of pools) expect(total).toBeLessThanOrEqual(poolSize);
      // Whatever a second pool held would show here.
      const { leaks, told } = await settledLeaks(await databaseTime(cluster));
      expect(leaks, told).toBe(0);
      expect(await backends('studio-listen')).toBe(2);
    });

    it('that are ended while idle and in use end no process', async (context) => {
      let [answers, broken] = [0, 0];
      const processes = [...cluster.studio.servers, ...cluster.studio.workers];
      for (let round = 0; round < 3; round += 1) {
        const asking = Promise.all(Array.from({ length: 20 }, (_, n) => owner.ask('GET', list(), { at: cluster.studio.urls[n % 2] ?? '' })));
        await withClient(cluster.studio.database.ownerUrl, (client) =>
          client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name <> '' and pid <> pg_backend_pid()`),
        );
        for (const { status, text } of await asking) {
          expect([200, 503], text).toContain(status);
          answers += 1;
          if (status !== 200) broken += 1;
        }
        await waitFor(async () => (await owner.ask('GET', list())).status === 200, { what: 'the list to be there again' });
      }
      await expectAlive(processes);
      const gone = processes.filter(({ pid }) => !isAlive(pid)).length;
      figure(context, { requirements: ['F4'], what: `Processes that ended when their backends were terminated, ${topology}`, reached: `${gone} of ${processes.length}; ${broken} of ${answers} requests under way answered 503`, bound: '0', pass: gone === 0 });
      const stream = await owner.stream(`/api/v1/events?organization_id=${organization.id}`);
      const { id } = await cluster.newProject(owner, organization.id, 'After the cut');
      await stream.until('news over the new connection', ({ event, data }) => event === 'saga' && JSON.stringify(data).includes(id));
      stream.close();
    });
  });

  describe('with Postgres away', () => {
    const cuts: Array<[string, (c: Cluster) => void]> = [
      ['down', (c) => c.postgres.down()],
      // The pooler would only add its own waiting to this one.
      ...(pooled ? [] : [['hung', (c: Cluster) => c.postgres.hang()] satisfies [string, (c: Cluster) => void]]),
    ];

    /** Renames that stand in the middle of their transactions, because somebody holds the row. */
    async function standingRenames(): Promise<{ letGo: () => Promise<void>; statuses: Promise<number[]> }> {
      const letGo = await holdProject();
      const asked = Array.from({ length: renamesAtOnce }, (_, n) => owner.ask('PATCH', `/api/v1/projects/${project.id}`, { body: { name: `Never ${n}` }, at: cluster.studio.urls[n % 2] ?? '', timeoutMs: 25_000 }));
      await waitFor(async () => (await waitingForLock()) >= renamesAtOnce, { what: 'the renames to wait for the row', everyMs: 20 });
      return { letGo, statuses: Promise.all(asked).then((answers) => answers.map(({ status }) => status)) };
    }

    async function waitingForLock(): Promise<number> {
      const { rows: [row] } = await withClient(cluster.studio.database.ownerUrl, (client) =>
        client.query<{ count: number }>(`select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`),
      );
      return row?.count ?? 0;
    }

    it.for(cuts)('%s: alive, not ready, honest, and back by itself', async ([what, cut], context) => {
      const [at = ''] = cluster.studio.urls;
      const renames = await standingRenames();
      const cutAt = await databaseTime(cluster);
      cut(cluster);
      await waitFor(async () => (await statusOf(at, '/ready')) === 503, { what: '/ready to say 503', withinMs: 5_000 });
      expect(new Set(await renames.statuses)).toEqual(new Set([503]));
      await renames.letGo();
      for (let n = 0; n < 10; n += 1) {
        const started = performance.now();
        expect(await statusOf(at, '/live')).toBe(200);
        expect(performance.now() - started).toBeLessThan(500);
      }
      expect((await fetch(new URL('/metrics', at))).status).toBe(200);
      const fresh = await owner.ask('GET', '/api/v1/organizations', { at, timeoutMs: 25_000 });
      expect(fresh.status).toBe(503);
      expect(fresh.headers.get('content-type')).toContain('application/problem+json');
      expect(fresh.text).not.toMatch(/ECONN|timeout exceeded|Connection terminated|127\.0\.0\.1|postgres/i);
      const page = await owner.ask('GET', `/${organization.slug}`, { at, timeoutMs: 25_000 });
      expect(page.status).toBe(503);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      for (const { headers, ms } of [fresh, page]) {
        expect(headers.get('retry-after')).toBe('2');
        expect(ms).toBeLessThan(2_000);
      }
      const slowest = Math.round(Math.max(fresh.ms, page.ms));
      figure(context, { requirements: ['F6', 'F11'], what: `Time to an honest 503 with Postgres ${what}, ${topology}; /live answers all the while`, reached: `${slowest} ms`, bound: '≤ 2000 ms', pass: slowest <= 2_000 });
      const { standing: stood } = await backendsOf(cluster, { before: cutAt });
      cluster.postgres.heal();
      const healedAt = await databaseTime(cluster);
      const healed = performance.now();
      await waitFor(bothReady, { what: 'both servers to be ready', withinMs: 10_000 });
      // Not before the standing connections are back: one that was made twice would be counted too early.
      await waitFor(async () => (await backends('studio-listen')) >= 2 && (await backends('studio-presence')) >= 2, { what: 'the standing connections' });
      const counted = await settledLeaks(healedAt);
      expect.soft(counted.leaks, counted.told).toBe(0);
      const seconds = ((performance.now() - healed) / 1_000).toFixed(1);
      figure(context, { requirements: ['F6'], what: `Backends and transactions of before on the server that no process knows of, after Postgres was ${what}, ${topology}`, reached: `${counted.leaks} beside ${counted.backends} in use, ${seconds} s after it was back; of ${renamesAtOnce} transactions that were cut off ${stood} stood until then`, bound: '0 within 10 s', pass: counted.leaks === 0 });
      expect((await owner.get(ProjectView, `/api/v1/projects/${project.id}`)).name).toBe('Kept');
      expect((await owner.ask('GET', list(), { at })).status).toBe(200);
      await expectAlive([...cluster.studio.servers, ...cluster.studio.workers]);
    });

    // The way to Postgres is whole, so nothing but its own patience ends what they began.
    it.for(proof.whole ? [topology] : [])('servers that stand still in the middle of transactions hold nothing for long, %s', async (_, context) => {
      const renames = await standingRenames();
      const stoppedAt = await databaseTime(cluster);
      for (const server of cluster.studio.servers) server.signal('SIGSTOP');
      await renames.letGo();
      await delay(500);
      const { standing: stood } = await backendsOf(cluster, { before: stoppedAt });
      await delay(endedByPostgresMs);
      const { standing } = await backendsOf(cluster, { before: stoppedAt });
      for (const server of cluster.studio.servers) server.signal('SIGCONT');
      await renames.statuses;
      figure(context, { requirements: ['F6'], what: `Transactions that still stand ${endedByPostgresMs / 1_000} s after their servers stood still, ${topology}`, reached: `${standing} of ${stood}`, bound: `0 of ${renamesAtOnce} or more`, pass: standing === 0 && stood >= renamesAtOnce });
    });

    it('/live and /ready tell a stranger nothing', async () => {
      for (const path of ['/live', '/ready']) {
        const answer = await fetch(new URL(path, cluster.first));
        expect(await answer.text()).toBe('');
      }
    });
  });

  // What stands between them and Postgres does not end with them: once is enough in a test run.
  it('rolling restarts under load fail no request, and end open streams', { timeout: scaled(240_000, 900_000) }, async (context) => {
    const restarts = scaled(2, 20);
    // Of the 200 a second that are asked for; a slice runs beside other tests, and is no measure of speed.
    const leastPerSecond = scaled(20, 180);
    const servers = [...cluster.studio.servers];
    const balancer = await startBalancer(cluster.studio.urls);
    const stream = await owner.stream(`/api/v1/events?organization_id=${organization.id}`, { at: cluster.first });
    const reads = [list(), '/api/v1/users/profile', '/api/v1/organizations'];
    // One page among nine reads: more of them, and this machine could not answer 200 a second.
    const paths = [...reads, ...reads, ...reads, `/${organization.slug}`];
    const load = startLoad((path) => owner.ask('GET', path, { at: balancer.url }), paths, { abreast: 16, perSecond: 200 });
    const exits: number[] = [];
    let perSecond = 0;
    try {
      for (let restart = 0; restart < restarts; restart += 1) {
        const n = restart % servers.length;
        await delay(1_000);
        const asked = performance.now();
        expect(await servers[n]?.stop()).toBe(0);
        exits.push(performance.now() - asked);
        servers[n] = await cluster.studio.startServer(n);
      }
      await delay(1_000);
    } finally {
      perSecond = await load.stop();
      await balancer.close();
    }
    const { times, failures } = load;
    const slowest = Math.max(...exits);
    expect.soft(failures.slice(0, 20)).toEqual([]);
    figure(context, {
      requirements: ['F10'],
      what: `Requests that failed in rolling restarts under load (SIGTERM), ${topology}`,
      reached: `${failures.length} of ${times.length + failures.length} at ${Math.round(perSecond)} a second, p50 ${spread(times).p50} ms; ${exits.length} restarts, the slowest exit after ${Math.round(slowest)} ms`,
      bound: `0 at ${leastPerSecond} a second or more, ${restarts} restarts, exits ≤ 5000 ms`,
      pass: failures.length === 0 && perSecond >= leastPerSecond && exits.length === restarts && slowest <= 5_000,
    });
    expect(stream.ended()).toBe(true);
  });
});

async function statusOf(url: string, path: string): Promise<number> {
  return fetch(new URL(path, url), { signal: AbortSignal.timeout(25_000) }).then(
    ({ status }) => status,
    () => 0,
  );
}

/** What a server says of its pool. */
async function poolUse(url: string): Promise<{ total: number; waiting: number }> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const of = (state: string) => Number(new RegExp(`studio_database_connections\\{state="${state}"\\} (\\d+)`).exec(text)?.[1]);
  return { total: of('total'), waiting: of('waiting') };
}

async function poolTotal(url: string): Promise<number> {
  return (await poolUse(url)).total;
}

/** The most connections that were seen until somebody waited for one. */
async function fullest(url: string): Promise<{ total: number; waiting: number }> {
  const most = { total: 0, waiting: 0 };
  const isFull = async () => {
    const { total, waiting } = await poolUse(url);
    Object.assign(most, { total: Math.max(most.total, total), waiting });
    return waiting > 0;
  };
  await waitFor(isFull, { what: 'the pool to be full', withinMs: 3_000, everyMs: 20 }).catch(() => undefined);
  return most;
}
