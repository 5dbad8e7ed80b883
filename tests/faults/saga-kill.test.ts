import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppwriteAdmin } from '@/lib/adapters/appwrite/node-appwrite/admin';
import { connect } from '@/lib/adapters/appwrite/node-appwrite/connection';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import { systemClock } from '@/lib/kernel/clock';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { faultPositions } from '@/lib/sagas/fault';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { startStudio, type RunningStudio } from '../support/studio';
import { waitFor } from '../support/wait-for';

const platform = { email: 'platform@studio.local', password: 'platform-password' };
const steps = ['reserve', 'create', 'health', 'key', 'platform', 'ready'];

let studio: TestStudio;
let processes: RunningStudio;
let admin: AppwriteAdmin;
let owner: Person;
let organization: { id: string; rowId: string };

beforeAll(async () => {
  const vaultKey = randomBytes(32);
  studio = await testStudio({ vaultKey });
  processes = await startStudio({
    servers: 0,
    workers: 0,
    env: {
      STUDIO_URL: 'http://127.0.0.1:1',
      STUDIO_ENCRYPTION_KEYS: `test:${vaultKey.toString('base64')}`,
      DATABASE_URL: studio.urls.appUrl,
      DATABASE_JOBS_URL: studio.urls.jobsUrl,
    },
  });
  const silent = () => undefined;
  admin = createAppwriteAdmin(
    connect({
      endpoint: processes.appwriteUrl, credentials: platform, clock: systemClock,
      store: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      log: { debug: silent, info: silent, warn: silent, error: silent },
    }),
  );
  owner = await studio.person();
  organization = await studio.organization(owner);
  await studio.raw(`update subscriptions set plan_key = 'scale'`);
});

afterAll(async () => {
  await processes?.stop();
  await studio?.close();
});

async function wish(name: string): Promise<string> {
  const { id } = await createProject(owner.ctx, { organization_id: organization.id, name, hostname: 'kill.example.com' });
  return id;
}

async function ready(project: string, withinMs: number): Promise<void> {
  await waitFor(async () => (await getProject(owner.ctx, project)).status === 'ready', { what: `${project} to be ready`, withinMs });
}

/** What waits for a dead worker's lease is due now. */
async function leasesRunOut(): Promise<void> {
  await studio.raw(`update sagas set leased_until = clock_timestamp() - interval '1 second' where leased_until is not null`);
  await studio.raw(`update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null`);
}

/** The same on both sides: our live projects are Appwrite's, with one key and one platform each. */
async function demandNothingTwice(): Promise<void> {
  const live = await studio.raw<{ id: string; keys: string[] }>(
    `select a.appwrite_project_id as id, array_agg(k.appwrite_key_id) as keys from appwrite_projects a
       join appwrite_keys k on k.appwrite_project_row_id = a.id and k.state = 'live' where a.state = 'live' group by 1`,
  );
  const remote = await admin.listProjects({ limit: 500 });
  expect(new Set(remote.projects.map(({ id }) => id))).toEqual(new Set(live.map(({ id }) => id)));
  for (const { id, keys } of live) {
    expect((await admin.listKeys(id)).map((key) => key.id)).toEqual(keys);
    expect(await admin.listPlatforms(id)).toHaveLength(1);
  }
}

describe('a worker process that is killed in the middle of provisioning', () => {
  it.each(steps.flatMap((step) => faultPositions.map((position) => `${step}:${position}`)))('at %s', async (place) => {
    const doomed = await processes.startWorker({ FAULT: place });
    const project = await wish(place);
    await doomed.ended;
    // Nobody is told of a kill: the job is still locked, and the lease still held.
    await leasesRunOut();
    const next = await processes.startWorker();
    await ready(project, 15_000);
    expect(await next.stop()).toBe(0);
  });

  it('is followed by another one on its own, once the lease is over', async () => {
    const doomed = await processes.startWorker({ FAULT: 'create:sent' });
    const project = await wish('Unattended');
    await doomed.ended;
    const began = performance.now();
    const next = await processes.startWorker();
    await ready(project, 30_000);
    console.info(`taken up ${((performance.now() - began) / 1_000).toFixed(1)} s after the kill, without help`);
    await next.stop();
  });

  it('leaves nothing twice and nothing lost', async () => {
    await demandNothingTwice();
  });
});

describe('a worker process that is asked to stop', () => {
  it('ends within 25 s although Appwrite hangs, and another one finishes what it was cut off from', async () => {
    const faults = new URL('/_faults', processes.appwriteUrl);
    const added = await fetch(faults, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'hang' } }),
    });
    expect(added.ok).toBe(true);
    const worker = await processes.startWorker();
    const project = await wish('Cut off');
    await waitFor(async () => (await studio.raw(`select from saga_steps where state = 'running' and key = 'create'`)).length > 0, { what: 'the call that hangs', withinMs: 20_000 });
    const began = performance.now();
    expect(await worker.stop()).toBe(0);
    const seconds = (performance.now() - began) / 1_000;
    expect(seconds).toBeLessThan(25);
    expect(await worker.output()).toContain('jobs are cut off in the middle');
    await fetch(faults, { method: 'DELETE' });
    const next = await processes.startWorker();
    await ready(project, 60_000);
    expect(await next.stop()).toBe(0);
    await demandNothingTwice();
    console.info(`stopped ${seconds.toFixed(1)} s after it was asked, with a call that hangs`);
  });
});

describe('a worker process that stands still', () => {
  it('writes nothing when it wakes after another one has taken its work', async () => {
    await fetch(new URL('/_faults', processes.appwriteUrl), {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'delay', ms: 800 } }),
    });
    const [first, second] = [await processes.startWorker(), await processes.startWorker()];
    const projects = await Promise.all(Array.from({ length: 6 }, (_, number) => wish(`Standstill ${number}`)));
    await sleep(400);
    first.signal('SIGSTOP');
    for (const project of projects) await ready(project, 60_000);
    const before = await studio.raw('select id from saga_events order by id');
    first.signal('SIGCONT');
    await sleep(3_000);
    expect(await studio.raw('select id from saga_events order by id')).toEqual(before);
    await demandNothingTwice();
    expect([await first.stop(), await second.stop()]).toEqual([0, 0]);
  });
});
