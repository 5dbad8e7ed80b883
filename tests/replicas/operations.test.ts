import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { isAlive } from '../../scripts/lib/processes.mjs';
import { startBalancer } from '../support/balancer';
import { figure } from '../support/figure';
import { withClient } from '../support/postgres';
import type { StudioProcess } from '../support/studio';
import type { Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { spread, startCluster, topologies, type Cluster } from './cluster';

const poolSize = 20;

describe.each(topologies)('running and stopping, $topology', ({ pooled, topology }) => {
  let cluster: Cluster;
  let owner: Visitor;
  let organization: OrganizationView;

  beforeAll(async () => {
    cluster = await startCluster({ pooled, env: { RATE_LIMIT_PER_MINUTE: '1000000', DRAIN_SECONDS: '1' } });
    owner = await cluster.signUp();
    organization = await cluster.newOrganization(owner);
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

  describe('connections', () => {
    it('one pool per server process serves API and pages', async () => {
      const paths = [list(), '/api/v1/users/sessions', `/${organization.slug}`, '/account/sessions'];
      for (const at of cluster.studio.urls) {
        const answers = await Promise.all(Array.from({ length: 80 }, (_, n) => owner.ask('GET', paths[n % paths.length] ?? '/', { at })));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      }
      const pools = await Promise.all(cluster.studio.urls.map(poolTotal));
      console.info(`connections of the two servers: ${pools.join(' and ')}`);
      for (const total of pools) expect(total).toBeLessThanOrEqual(poolSize);
      // Whatever a second pool held would show here. The pooler's own connections are fewer.
      const seen = await backends('studio-server');
      if (pooled) expect(seen).toBeLessThanOrEqual(10);
      else expect(seen).toBe(pools.reduce((sum, total) => sum + total, 0));
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

    it.for(cuts)('%s: alive, not ready, honest, and back by itself', async ([what, cut], context) => {
      const [at = ''] = cluster.studio.urls;
      cut(cluster);
      await waitFor(async () => (await statusOf(at, '/ready')) === 503, { what: '/ready to say 503', withinMs: 5_000 });
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
      cluster.postgres.heal();
      await waitFor(bothReady, { what: 'both servers to be ready', withinMs: 10_000 });
      expect((await owner.ask('GET', list(), { at })).status).toBe(200);
      await expectAlive([...cluster.studio.servers, ...cluster.studio.workers]);
    });

    it('/live and /ready tell a stranger nothing', async () => {
      for (const path of ['/live', '/ready']) {
        const answer = await fetch(new URL(path, cluster.first));
        expect(await answer.text()).toBe('');
      }
    });
  });

  it('a rolling restart under load fails no request, and ends open streams', async (context) => {
    const balancer = await startBalancer(cluster.studio.urls);
    const stream = await owner.stream(`/api/v1/events?organization_id=${organization.id}`, { at: cluster.first });
    let running = true;
    const failures: string[] = [];
    const times: number[] = [];

    async function load(n: number): Promise<void> {
      const paths = [list(), '/api/v1/users/profile', '/api/v1/organizations', `/${organization.slug}`];
      for (let turn = n; running; turn += 1) {
        const path = paths[turn % paths.length] ?? '/';
        const outcome = await owner.ask('GET', path, { at: balancer.url }).catch((error: unknown) => String(error));
        if (typeof outcome === 'string') failures.push(`${path}: ${outcome}`);
        else if (outcome.status !== 200) failures.push(`${path}: ${outcome.status} ${outcome.text.slice(0, 200)}`);
        else times.push(outcome.ms);
      }
    }

    const loading = Array.from({ length: 8 }, (_, n) => load(n));
    const exits: number[] = [];
    try {
      for (const [n, server] of cluster.studio.servers.entries()) {
        await delay(1_000);
        const asked = performance.now();
        expect(await server.stop()).toBe(0);
        exits.push(performance.now() - asked);
        await cluster.studio.startServer(n);
      }
      await delay(1_000);
    } finally {
      running = false;
      await Promise.all(loading);
      await balancer.close();
    }
    console.info(`rolling restart: ${times.length} requests, ${failures.length} failed, p50 ${spread(times).p50} ms; exits after ${exits.map(Math.round).join(' and ')} ms`);
    expect(failures).toEqual([]);
    figure(context, { requirements: ['F10'], what: `Requests that failed in a rolling restart under load (SIGTERM), ${topology}`, reached: `${failures.length} of ${times.length}; exits after ${exits.map(Math.round).join(' and ')} ms`, bound: '0', pass: failures.length === 0 && times.length > 0 });
    expect(Math.max(...exits)).toBeLessThan(5_000);
    expect(stream.ended()).toBe(true);
  });
});

async function statusOf(url: string, path: string): Promise<number> {
  return fetch(new URL(path, url), { signal: AbortSignal.timeout(25_000) }).then(
    ({ status }) => status,
    () => 0,
  );
}

async function poolTotal(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/studio_database_connections\{state="total"\} (\d+)/.exec(text)?.[1]);
}
