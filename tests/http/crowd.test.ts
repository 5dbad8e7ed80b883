import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { poolSizes } from '@/db/platform/boot-check';
import { closeDatabase, databaseUse, openDatabase, withoutTenant, type Database } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import { requestPatienceMs } from '@/lib/composition';
import { atOnce, createCrowd, longestLine, type Crowd, type Place, type Visitor } from '@/lib/http/crowd';
import { createPageDoor } from '@/lib/http/page-door';
import { testApi, testComposition } from '../support/api';
import { testStudio, type LogLine, type Person, type TestStudio } from '../support/context';
import { startFaultProxyFor, type FaultProxy } from '../support/fault-proxy';
import { figure, scaled } from '../support/figure';
import { listen } from '../support/listen';
import { waitFor } from '../support/wait-for';

const poolSize = poolSizes.server;
/** All who ask are this process too, and beside other tests their own work takes seconds. */
const withinMs = scaled(5_000, 2_000);
/** Longer than any test: places are given back, and not taken away. */
const forEver = 600_000;

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

const crowdOf = (busyForMs = forEver): Crowd => createCrowd({ kind: 'api', database, log: person.ctx.log, busyForMs });
const visitor = (from = 'ip:192.0.2.0', isGone = () => false): Visitor => ({ from: () => from, isGone });
const told = (lines: readonly LogLine[]) => lines.filter(({ message }) => message.startsWith('more is asked than'));
const openTransaction = (): Promise<unknown> => withoutTenant(database, (tx) => tx.query('select 1')).catch(() => undefined);

/** What begins at once. */
function begin(crowd: Crowd, count: number): Place[] {
  return Array.from({ length: count }, () => {
    const place = crowd.enter(visitor());
    if (place === null || place instanceof Promise) throw new Error('there was no room');
    return place;
  });
}

/** What came of whoever stands in a line: undefined while it waits. */
function watch(entered: ReturnType<Crowd['enter']>): { place?: Place | null } {
  const seen: { place?: Place | null } = {};
  void Promise.resolve(entered).then((place) => (seen.place = place));
  return seen;
}

describe('more reads than can be answered', () => {
  it('are told to come back, and the operator how many; afterwards all is as before', async (context) => {
    const ask = testApi(studio, {}, { database, cache: createMemoryCache() });
    const list = () => ask('GET', `/api/v1/organizations/${organization.id}/members`, { as: person });
    expect((await list()).status).toBe(200);
    const before = { told: told(studio.lines).length, lines: studio.lines.length };
    proxy.hang();
    const asked = atOnce + longestLine / 2;
    const startedMs = performance.now();
    const answers = await Promise.all(Array.from({ length: asked }, () => list().then((answer) => ({ ...answer, ms: performance.now() - startedMs }))));
    const honest = answers.filter(({ status, headers }) => status === 503 && headers.get('retry-after') === '2' && headers.get('content-type') === 'application/problem+json');
    const inLine = answers.filter(({ text }) => text.includes('More is asked of Studio right now'));
    const slowest = Math.max(...answers.map(({ ms }) => ms));
    expect(inLine.length).toBeGreaterThan(asked / 2);
    const tellings = () => told(studio.lines).slice(before.told).map(({ fields }) => Number(fields['turned_away']));
    await waitFor(() => Promise.resolve(tellings().reduce((sum, number) => sum + number, 0) === inLine.length), { what: 'the operator to be told', withinMs: 5_000 });
    expect(tellings().length).toBeLessThanOrEqual(Math.ceil(slowest / 1_000) + 1);
    // Those that have begun failed on their own.
    expect(studio.lines.length - before.lines).toBeLessThan(4 * (asked - inLine.length) + 10);
    figure(context, {
      requirements: ['F7', 'F6'],
      what: 'Reads at once while Postgres answers none that got no 503 with Retry-After in time',
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
    const crowd = crowdOf();
    const begun = begin(crowd, atOnce);
    const order: number[] = [];
    for (const number of [0, 1, 2]) void Promise.resolve(crowd.enter(visitor())).then(() => order.push(number));
    await delay(0);
    expect(order).toEqual([]);
    for (const place of begun.slice(0, 3)) crowd.leave(place);
    // At once, and not when the line is looked at the next time.
    await delay(0);
    expect(order).toEqual([0, 1, 2]);
  });

  it('lets nobody pass who comes when others wait', async () => {
    const crowd = crowdOf(10);
    begin(crowd, atOnce);
    const early = watch(crowd.enter(visitor()));
    // There is room again, and nobody has looked yet.
    for (const startedMs = performance.now(); performance.now() - startedMs < 15; );
    const late = crowd.enter(visitor());
    expect(late).toBeInstanceOf(Promise);
    await late;
    expect(early.place).toBeDefined();
  });

  it('goes on while those that began wait for somebody else', async () => {
    const crowd = crowdOf(100);
    begin(crowd, atOnce);
    // Whoever is not let in is turned away, which is null.
    await expect(Promise.resolve(crowd.enter(visitor()))).resolves.not.toBeNull();
  });

  it('lets some begin where the pool is full of something else', async () => {
    proxy.hang();
    const held = Array.from({ length: 3 * poolSize }, () => openTransaction());
    const crowd = crowdOf();
    begin(crowd, 8);
    expect(crowd.enter(visitor())).toBeInstanceOf(Promise);
    await Promise.all(held);
  });

  it('turns away whoever comes when it is full or half full of the same network, and whoever waits too long for a Postgres that says nothing', async () => {
    const crowd = crowdOf();
    proxy.hang();
    const held = Array.from({ length: 3 * poolSize }, () => openTransaction());
    await delay(50);
    expect(databaseUse(database).waiting).toBe(2 * poolSize);
    begin(crowd, 8);
    const startedMs = performance.now();
    const line = ['a', 'b'].flatMap((network) => Array.from({ length: longestLine / 2 }, () => crowd.enter(visitor(network))));
    expect(line.every((place) => place instanceof Promise)).toBe(true);
    expect(crowd.enter(visitor('c'))).toBeNull();
    expect(new Set(await Promise.all(line.map((place) => Promise.resolve(place))))).toEqual(new Set([null]));
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(240);
    // Well before a second, which is how long they may wait while Postgres is heard.
    expect(tookMs).toBeLessThan(scaled(950, 500));
    await Promise.all(held);
  });

  it('keeps half of itself from one network', () => {
    const crowd = crowdOf();
    begin(crowd, atOnce);
    for (let count = 0; count < longestLine / 2; count += 1) expect(crowd.enter(visitor('a'))).toBeInstanceOf(Promise);
    expect(crowd.enter(visitor('a'))).toBeNull();
    expect(crowd.enter(visitor('b'))).toBeInstanceOf(Promise);
  });

  it('begins nothing for whoever has gone', async () => {
    const crowd = crowdOf();
    const [first] = begin(crowd, atOnce);
    let gone = false;
    const [left, stayed] = [watch(crowd.enter(visitor('a', () => gone))), watch(crowd.enter(visitor('a')))];
    gone = true;
    if (first !== undefined) crowd.leave(first);
    await delay(0);
    expect(left.place).toBeNull();
    expect(stayed.place).not.toBeNull();
    expect(stayed.place).toBeDefined();
  });
});

describe('pages', () => {
  /** A door with a crowd of its own, and the page behind it, which comes when it is told to. */
  async function pageBehind(crowd: Crowd, work: (visit: (signedIn?: boolean) => Promise<Response>, answerAll: () => void) => Promise<void>): Promise<void> {
    const waiting: (() => void)[] = [];
    const admit = createPageDoor(testComposition(studio, {}, { database, cache: createMemoryCache() }), crowd);
    const server = createServer((request, response) => void admit(request, response).then((admitted) => admitted && waiting.push(() => response.end('the page'))));
    const url = await listen(server);
    const visit = (signedIn = true) => fetch(url, signedIn ? { headers: { cookie: `studio_session=${person.sessionToken}` } } : {});
    try {
      await work(visit, () => {
        for (const end of waiting.splice(0)) end();
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('of visitors with a session give their place back, and those of guests take none', async () => {
    let [entered, left] = [0, 0];
    const counting: Crowd = {
      enter: () => ({ sinceMs: (entered += 1) }),
      leave: () => void (left += 1),
    };
    await pageBehind(counting, async (visit, answerAll) => {
      const asked = [visit(), visit(), visit(false)];
      const ending = setInterval(answerAll, 20);
      const answers = await Promise.all(asked);
      clearInterval(ending);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      await Promise.all(answers.map((answer) => answer.text()));
      await waitFor(() => Promise.resolve(left === 2), { what: 'both places to be given back', withinMs: 5_000 });
      expect(entered).toBe(2);
    });
  });

  it('that are turned away say so', async () => {
    await pageBehind({ enter: () => Promise.resolve(null), leave: () => undefined }, async (visit) => {
      const answer = await visit();
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await answer.text()).toContain('More is asked of Studio right now');
    });
  });
});
