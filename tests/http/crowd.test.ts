import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase, waitingForConnection, withoutTenant, type Database } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import { requestPatienceMs } from '@/lib/composition';
import { createCrowd } from '@/lib/http/crowd';
import { createPageDoor } from '@/lib/http/page-door';
import { testApi, testComposition } from '../support/api';
import { testStudio, type LogLine, type Person, type TestStudio } from '../support/context';
import { startFaultProxyFor, type FaultProxy } from '../support/fault-proxy';
import { figure, scaled } from '../support/figure';
import { listen } from '../support/listen';

/** As many as a server has. */
const poolSize = 20;
const readsAtOnce = 24;
const longestLine = 1_000;
/** All who ask are this process too, and beside other tests their own work takes seconds. */
const withinMs = scaled(5_000, 2_000);

let studio: TestStudio;
let person: Person;
let organization: { id: string };
let proxy: FaultProxy;
let database: Database;

beforeAll(async () => {
  studio = await testStudio();
  person = await studio.person();
  organization = await studio.organization(person);
  proxy = await startFaultProxyFor(studio.urls.appUrl);
});
beforeEach(() => {
  database = openDatabase(proxy.through(studio.urls.appUrl), { max: poolSize, log: person.ctx.log, applicationName: 'studio-crowd-test', patienceMs: requestPatienceMs });
});
afterEach(async () => {
  proxy.heal();
  await closeDatabase(database);
});
afterAll(async () => {
  await proxy.close();
  await studio.close();
});

const told = (lines: readonly LogLine[]) => lines.filter(({ message }) => message.startsWith('more is read than'));

describe('more reads than can be answered', () => {
  it('are told to come back, within two seconds and without a line in the log for each; afterwards all is as before', async (context) => {
    const ask = testApi(studio, {}, { database, cache: createMemoryCache() });
    const list = () => ask('GET', `/api/v1/organizations/${organization.id}/members`, { as: person });
    expect((await list()).status).toBe(200);
    const before = { told: told(studio.lines).length, lines: studio.lines.length };
    proxy.hang();
    const asked = readsAtOnce + longestLine + 468;
    const startedMs = performance.now();
    const answers = await Promise.all(Array.from({ length: asked }, () => list().then((answer) => ({ ...answer, ms: performance.now() - startedMs }))));
    const honest = answers.filter(({ status, headers }) => status === 503 && headers.get('retry-after') === '2' && headers.get('content-type') === 'application/problem+json');
    const inLine = answers.filter(({ text }) => text.includes('More is asked of Studio right now'));
    const slowest = Math.max(...answers.map(({ ms }) => ms));
    expect(told(studio.lines).length - before.told).toBe(1);
    expect(studio.lines.length - before.lines).toBeLessThan(4 * readsAtOnce);
    expect(inLine.length).toBeGreaterThan(asked / 2);
    figure(context, {
      requirements: ['F7', 'F6'],
      what: `Reads at once while Postgres answers none that got no 503 with Retry-After in time`,
      reached: `${asked - honest.length} of ${asked}, the last after ${Math.round(slowest)} ms; ${inLine.length} were turned away before anything was done for them`,
      bound: `0, ≤ ${withinMs} ms`,
      pass: honest.length === asked && slowest <= withinMs,
    });
    proxy.heal();
    expect((await list()).status).toBe(200);
  });
});

describe('the line', () => {
  it('lets so many begin, and the next ones in their order as others end', async () => {
    const crowd = createCrowd({ database, log: person.ctx.log });
    const begun = Array.from({ length: readsAtOnce }, () => crowd.enter());
    const order: number[] = [];
    for (const number of [0, 1, 2]) void Promise.resolve(crowd.enter()).then(() => order.push(number));
    await delay(0);
    expect(order).toEqual([]);
    for (const place of begun.slice(0, 3)) if (place !== null && !(place instanceof Promise)) crowd.leave(place);
    // At once, and not when the line is looked at the next time.
    await delay(0);
    expect(order).toEqual([0, 1, 2]);
  });

  it('goes on while those that began wait for somebody else', async () => {
    const crowd = createCrowd({ database, log: person.ctx.log });
    for (let count = 0; count < readsAtOnce; count += 1) void crowd.enter();
    // Whoever is not let in is turned away, which is null.
    await expect(Promise.resolve(crowd.enter())).resolves.not.toBeNull();
  });

  it('turns away whoever comes when it is full, and whoever waited half a second for a Postgres that says nothing', async () => {
    const crowd = createCrowd({ database, log: person.ctx.log });
    proxy.hang();
    const held = Array.from({ length: 3 * poolSize }, () => openTransaction());
    await delay(50);
    expect(waitingForConnection(database)).toBe(2 * poolSize);
    const line = Array.from({ length: longestLine }, () => crowd.enter());
    expect(line.every((place) => place instanceof Promise)).toBe(true);
    expect(crowd.enter()).toBeNull();
    expect(new Set(await Promise.all(line.map((place) => Promise.resolve(place))))).toEqual(new Set([null]));
    await Promise.all(held);
  });
});

describe('pages', () => {
  it('stand in a line of their own, and whoever is turned away reads so', async () => {
    const admit = createPageDoor(testComposition(studio, {}, { database, cache: createMemoryCache() }));
    const server = createServer((request, response) => void admit(request, response).then((admitted) => admitted && response.end('the page')));
    const url = await listen(server);
    const visit = () => fetch(url, { headers: { cookie: `studio_session=${person.sessionToken}` } });
    try {
      for (let count = 0; count < 2 * readsAtOnce; count += 1) expect((await visit()).status).toBe(200);
      proxy.hang();
      const held = Array.from({ length: 3 * poolSize }, () => openTransaction());
      const answer = await visit();
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await answer.text()).toContain('More is asked of Studio right now');
      await Promise.all(held);
      proxy.heal();
      expect((await visit()).status).toBe(200);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

async function openTransaction(): Promise<void> {
  await withoutTenant(database, (tx) => tx.query('select 1')).catch(() => undefined);
}
