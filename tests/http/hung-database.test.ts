import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase, databaseUse, openDatabase, patient, withoutTenant, type Database } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import { requestPatienceMs } from '@/lib/composition';
import { createPageDoor } from '@/lib/http/page-door';
import { testApi, testComposition } from '../support/api';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { startFaultProxyFor, type FaultProxy } from '../support/fault-proxy';
import { listen } from '../support/listen';
import { waitFor } from '../support/wait-for';

const applicationName = 'studio-hung-test';
const poolSize = 10;
const withinMs = 2_000;

let studio: TestStudio;
let person: Person;
let organization: { id: string };
let proxy: FaultProxy;
let database: Database;
let ask: ReturnType<typeof testApi>;

beforeAll(async () => {
  studio = await testStudio();
  person = await studio.person();
  organization = await studio.organization(person);
  proxy = await startFaultProxyFor(studio.urls.appUrl);
});
beforeEach(() => {
  database = openDatabase(proxy.through(studio.urls.appUrl), { max: poolSize, log: person.ctx.log, applicationName, patienceMs: requestPatienceMs });
  ask = testApi(studio, {}, { database, cache: createMemoryCache() });
});
afterEach(async () => {
  proxy.heal();
  await closeDatabase(database);
});
afterAll(async () => {
  await proxy.close();
  await studio.close();
});

async function backends(): Promise<number> {
  const [row] = await studio.raw<{ count: number }>('select count(*)::int from pg_stat_activity where application_name = $1', [applicationName]);
  return row?.count ?? 0;
}

async function timed<Answer>(work: Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const startedMs = performance.now();
  return { answer: await work, ms: performance.now() - startedMs };
}

const list = () => ask('GET', `/api/v1/organizations/${organization.id}/members`, { as: person });

describe('a Postgres that takes connections and answers nothing', () => {
  it.each([
    ['one request', 1],
    ['more requests than there are connections', 4 * poolSize],
  ])('is a 503 with a time to come back within two seconds: %s; no connection is left behind, and it works again at once', async (_, count) => {
    expect((await list()).status).toBe(200);
    proxy.hang();
    const answers = await Promise.all(Array.from({ length: count }, () => timed(list())));
    for (const { answer, ms } of answers) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(ms).toBeLessThan(withinMs);
    }
    const slowest = Math.max(...answers.map(({ ms }) => ms));
    console.info(`Postgres hung: ${count} of ${count} answered 503, after ${Math.round(slowest)} ms at most`);
    proxy.heal();
    expect((await list()).status).toBe(200);
    await waitFor(async () => (await backends()) === databaseUse(database).total, { what: 'the given-up connections to be gone', withinMs: 5_000 });
  });

  it('is a plain page for a visitor whose session is known, and none for a guest', async () => {
    const composition = testComposition(studio, {}, { database, cache: createMemoryCache() });
    const admit = createPageDoor(composition);
    const server = createServer((request, response) => void admit(request, response).then((admitted) => admitted && response.end('the page')));
    const url = await listen(server);
    const visit = (cookie?: string) => fetch(url, cookie === undefined ? {} : { headers: { cookie } });
    const cookie = `studio_session=${person.sessionToken}`;
    try {
      expect((await visit(cookie)).status).toBe(200);
      proxy.hang();
      // Longer than a page may rely on what it heard last.
      await delay(300);
      const { answer, ms } = await timed(visit(cookie));
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await answer.text()).toContain('<h1 style="font-size: 1.25rem">Not available right now</h1>');
      expect(ms).toBeLessThan(withinMs);
      expect((await visit()).status).toBe(200);
      proxy.heal();
      expect((await visit(cookie)).status).toBe(200);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('leaves open whether a change was kept when the answer to the commit is missing', async () => {
    const saving = withoutTenant(database, async (tx) => {
      await tx.query('select 1');
      proxy.hang();
    });
    await expect(saving).rejects.toMatchObject({ code: 'unavailable', unsure: true });
  });
});

describe('a statement that takes too long', () => {
  it('is given up, and ended in Postgres too', async () => {
    const { answer, ms } = await timed(withoutTenant(database, (tx) => tx.query('select pg_sleep(12)')).catch((error: unknown) => error));
    expect(answer).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
    expect(ms).toBeLessThan(withinMs);
    await waitFor(async () => (await backends()) === 0, { what: 'the backend to be gone', withinMs: 5_000 });
  });

  it('is waited for where nobody waits in silence, as in an export', async () => {
    await expect(withoutTenant(patient(database), (tx) => tx.query('select pg_sleep($1::float8 / 1000)', [requestPatienceMs + 300]))).resolves.toHaveLength(1);
  });
});

describe('a machine so busy that a connection takes longer than a person waits', () => {
  it('keeps a worker waiting, and no job fails for it', async () => {
    const patientOne = openDatabase(proxy.through(studio.urls.appUrl), { max: 1, log: person.ctx.log, applicationName });
    proxy.slow(500);
    try {
      // Two at a time, so that one waits for its turn as well.
      const both = Promise.all([1, 2].map((n) => withoutTenant(patientOne, (tx) => tx.query('select $1::int as n', [n]))));
      await expect(both).resolves.toEqual([[{ n: 1 }], [{ n: 2 }]]);
      await expect(withoutTenant(database, (tx) => tx.query('select 1'))).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      proxy.heal();
      await closeDatabase(patientOne);
    }
  });
});
