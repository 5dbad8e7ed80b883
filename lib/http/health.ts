import { randomUUID, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { databaseUse, withoutTenant } from '@/db/platform/client';
import type { Composition } from '@/lib/composition';
import { hashToken } from '@/lib/kernel/ids';
import { countSagas } from '@/lib/sagas/count-sagas';
import { countKeys } from '@/lib/trust/vault/count-keys';

export interface Health {
  routes: Hono<{ Bindings: { incoming?: { socket?: { remoteAddress?: string } } } }>;
  /** Called when the process begins to stop: `/ready` turns away new work from then on. */
  drain(): void;
  observe(kind: 'api' | 'page', status: number, seconds: number): void;
}

const probeAgeMs = 1_000;
/** What is counted in the database is counted anew after so long. */
const countAgeMs = 60_000;
/** A database that hangs is no better than one that refuses. */
const probeWithinMs = 2_000;

/** `/live` asks nobody, `/ready` asks our own database at most once a second, `/metrics` is for the operator's scraper. */
export function createHealth(composition: Composition): Health {
  const { env, ports: { database } } = composition;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'studio_' });
  const duration = new Histogram({
    name: 'studio_http_request_duration_seconds',
    help: 'Time to answer, by kind and status class.',
    labelNames: ['kind', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers: [registry],
  });
  // Looking a series up by its labels anew would cost every request a string of them.
  const durations = new Map<string, Histogram.Internal<'kind' | 'status'>>();
  new Gauge({
    name: 'studio_database_connections',
    help: 'Connections of this process to the platform database, by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(databaseUse(database))) this.set({ state }, count);
    },
  });

  const countAt = memoized(countAgeMs, () => countKeys({ ...composition.ports, requestId: randomUUID() }));
  new Gauge({
    name: 'studio_sealed_values',
    help: 'Values sealed under each key-encryption key, by where they are held. A key with none left may be removed.',
    labelNames: ['held_in', 'key'],
    registers: [registry],
    async collect() {
      this.reset();
      const count = await countAt().catch((error: unknown) => composition.ports.log.warn({ err: error }, 'the sealed values could not be counted'));
      for (const { held_in, key_id, rows } of count?.uses ?? []) this.set({ held_in, key: key_id }, rows);
    },
  });

  const sagasAt = memoized(countAgeMs, () => countSagas({ ...composition.ports, requestId: randomUUID() }));
  new Gauge({
    name: 'studio_sagas',
    help: 'Provisioning and deployments by kind, the same from every server: open ones, and stuck ones that somebody has to try again.',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      const counts = await sagasAt().catch((error: unknown) => composition.ports.log.warn({ err: error }, 'the sagas could not be counted'));
      for (const { kind, state, sagas } of counts ?? []) this.set({ kind, state }, sagas);
    },
  });

  let draining = false;
  let probed: { atMs: number; answer: Promise<boolean>; settled: boolean } | undefined;

  function databaseAnswers(): Promise<boolean> {
    // A probe that hangs is not joined by another one each second: they would use up the pool.
    if (probed === undefined || (probed.settled && performance.now() - probed.atMs > probeAgeMs)) {
      const asked = withoutTenant(database, (tx) => tx.query('select 1')).then(
        () => true,
        () => false,
      );
      const answer = Promise.race([asked, sleep(probeWithinMs, false, { ref: false })]);
      const probe = { atMs: performance.now(), answer, settled: false };
      probed = probe;
      void asked.then(() => (probe.settled = true));
    }
    return probed.answer;
  }

  const routes: Health['routes'] = new Hono();
  routes.get('/live', (c) => c.body(null, 200));
  routes.get('/ready', async (c) => c.body(null, !draining && (await databaseAnswers()) ? 200 : 503));
  routes.get('/metrics', async (c) => {
    const allowed = env.METRICS_TOKEN === undefined ? isLocal(c.env.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for')) : sameSecret(c.req.header('authorization'), `Bearer ${env.METRICS_TOKEN}`);
    if (!allowed) return c.body(null, 404);
    return c.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });
  return {
    routes,
    drain() {
      draining = true;
    },
    observe(kind, status, seconds) {
      const family = `${Math.floor(status / 100)}xx`;
      const key = kind + family;
      let counted = durations.get(key);
      if (counted === undefined) durations.set(key, (counted = duration.labels(kind, family)));
      counted.observe(seconds);
    },
  };
}

/** Asks again when the answer is that old; a scraper in a hurry costs the database nothing. */
function memoized<Value>(ageMs: number, ask: () => Promise<Value>): () => Promise<Value> {
  let kept: { atMs: number; answer: Promise<Value> } | undefined;
  return () => {
    if (kept === undefined || performance.now() - kept.atMs > ageMs) kept = { atMs: performance.now(), answer: ask() };
    return kept.answer;
  };
}

/** Without a token only a scraper on the same machine may read, and nothing that came through a proxy. */
function isLocal(address: string | undefined, forwardedFor: string | undefined): boolean {
  return forwardedFor === undefined && (address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1');
}

/** Compares in constant time; hashes first, because lengths differ. */
function sameSecret(given: string | undefined, expected: string): boolean {
  return given !== undefined && timingSafeEqual(hashToken(given), hashToken(expected));
}
