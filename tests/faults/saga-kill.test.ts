import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { startStudio, type RunningStudio, type StudioProcess } from '../support/studio';
import { figure, proof } from '../support/figure';
import { waitFor } from '../support/wait-for';
import { inspect, isSound, orphansOf, violationsOf } from './invariants';
import { demandKilled, judgeUnattended, leasesRunOut, onePlaceOfEach } from './killed';
import { mend, prepare, rest, shortOf, start, type Hands } from './matrix/beginnings';
import { allPlaces, mayGiveUp, type Place } from './matrix/scenarios';
import { adminAt } from './real-appwrite';

let studio: TestStudio;
let processes: RunningStudio;
let admin: AppwriteAdmin;
let owner: Person;
let organization: { id: string; rowId: string };
let hands: Hands;
const acknowledged: string[] = [];

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
      APPWRITE_PLATFORM_CAPACITY: '1000',
    },
  });
  admin = adminAt(processes.appwriteUrl);
  owner = await studio.person();
  organization = await studio.organization(owner);
  await studio.raw(`update subscriptions set plan_key = 'scale'`);
  hands = { ctx: owner.ctx, raw: studio.raw, system: (job) => studio.ctx({ kind: 'system', job }) };
});

afterAll(async () => {
  await processes?.stop();
  await studio?.close();
});

async function wish(name: string): Promise<string> {
  const { id } = await createProject(owner.ctx, { organization_id: organization.id, name, hostname: 'kill.example.com' });
  acknowledged.push(id);
  return id;
}

async function ready(project: string, withinMs: number): Promise<void> {
  await waitFor(async () => (await getProject(owner.ctx, project)).status === 'ready', { what: `${project} to be ready`, withinMs });
}

/** Nothing is lost, nothing is there twice, and both sides have the same. */
async function demandSound() {
  const inspection = await inspect({ raw: studio.raw, admin }, acknowledged);
  expect.soft(violationsOf(inspection)).toEqual({});
  return inspection;
}

describe('a worker process that is killed', () => {
  // One place of every step of setting up a project, each at another position; all of all that can happen to one in a proof.
  const places = allPlaces().filter(({ kind, refusal }, index) => proof.whole || (kind === 'provision' && refusal === undefined && (index + Math.floor(index / 4) + proof.seed) % 4 === 0));
  let helper: StudioProcess;
  const survived: string[] = [];

  beforeAll(async () => {
    helper = await processes.startWorker();
  });

  it.each(places.map((place) => [`${place.kind} ${place.step}:${place.position}`, place] as const))('at %s', async (name, place) => {
    const own = await studio.organization(owner, name);
    const wanted = { organization: own, name };
    const prepared = await prepare(hands, place.kind, wanted);
    expect(await helper.stop()).toBe(0);
    const doomed = await processes.startWorker({ FAULT: `${place.step}:${place.position}` });
    await refuse(place);
    const project = await start(hands, place.kind, wanted, prepared);
    acknowledged.push(project);
    await demandKilled(doomed);
    // Nobody is told of a kill: the job is still locked, and the lease still held.
    await leasesRunOut(studio);
    helper = await processes.startWorker();
    await rest(hands, own.rowId);
    await healed();
    if (!mayGiveUp(place)) expect(await shortOf(hands, place.kind, project)).toBeNull();
    await mend(hands, own.rowId, project);
    expect(violationsOf(await inspect({ raw: studio.raw, admin }, [project], { organizationId: own.rowId }))).toEqual({});
    survived.push(name);
  });

  // The place that leaves the most open; in a proof a place of each saga, forward and back.
  const unattended = proof.whole ? onePlaceOfEach(allPlaces(), wayOf) : allPlaces().filter(({ kind, refusal, step, position }) => kind === 'provision' && refusal === undefined && step === 'create' && position === 'sent');
  const seconds: number[] = [];

  it.each(unattended.map((place) => [`${place.kind} ${place.step}:${place.position}`, place] as const))('at %s is followed by another one on its own', async (name, place) => {
    const own = await studio.organization(owner, `Unattended ${name}`);
    const wanted = { organization: own, name: `Unattended ${name}` };
    const prepared = await prepare(hands, place.kind, wanted);
    await helper.stop();
    const doomed = await processes.startWorker({ FAULT: `${place.step}:${place.position}` });
    await refuse(place);
    const project = await start(hands, place.kind, wanted, prepared);
    acknowledged.push(project);
    await demandKilled(doomed);
    const killedAtMs = performance.now();
    helper = await processes.startWorker();
    // Leases, pauses and lost jobs take their own time here.
    await waitFor(() => nothingLeft(own.rowId), { what: 'nothing to be left over', withinMs: 150_000, everyMs: 200 });
    seconds.push((performance.now() - killedAtMs) / 1_000);
    await healed();
    await mend(hands, own.rowId, project);
  });

  it('leaves nothing over on either side within a minute, with nothing hurried', (context) => {
    judgeUnattended(context, { until: 'no saga is open and no orphan is left on either side', seconds, places: unattended.length });
  });

  it('leaves nothing twice and nothing lost', async (context) => {
    await helper.stop();
    const inspection = await demandSound();
    figure(context, {
      requirements: ['P1', 'P5', 'F10'],
      what: 'Places of the sagas of projects at which a worker process was killed (SIGKILL)',
      reached: `${survived.length} of ${places.length} survived; ${orphansOf(inspection)} orphans, ${inspection.lost.length} of ${inspection.acknowledged} acknowledged lost`,
      bound: 'all, 0 orphans, 0 lost',
      pass: survived.length === places.length && isSound(inspection),
    });
  });
});

const wayOf = ({ kind, refusal }: Place) => `${kind} ${refusal === undefined ? 'forward' : 'back'}`;

async function nothingLeft(organizationId: string): Promise<boolean> {
  const open = await studio.raw(`select from sagas where organization_id = $1 and state in ('running', 'undoing')`, [organizationId]);
  return open.length === 0 && orphansOf(await inspect({ raw: studio.raw, admin }, [], { organizationId })) === 0;
}

/** Lets a saga meet a call that can never succeed, where it has to take back what it did. */
async function refuse({ refusal }: Place): Promise<void> {
  if (refusal === undefined) return;
  const path = { POST: '/v1/project/platforms/web', PATCH: '/v1/organization/projects/*' }[refusal.method];
  await addFault({ method: refusal.method, path, effect: { kind: 'not-found-page' } });
}

async function addFault(fault: object): Promise<void> {
  const added = await fetch(faultsUrl(), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) });
  expect(added.ok).toBe(true);
}

async function healed(): Promise<void> {
  await fetch(faultsUrl(), { method: 'DELETE' });
}

function faultsUrl(): URL {
  return new URL('/_faults', processes.appwriteUrl);
}

describe('a worker process that is asked to stop', () => {
  it('ends within 25 s although Appwrite hangs, and another one finishes what it was cut off from', async () => {
    await addFault({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'hang' } });
    const worker = await processes.startWorker();
    const project = await wish('Cut off');
    await waitFor(async () => (await studio.raw(`select from saga_steps where state = 'running' and key = 'create'`)).length > 0, { what: 'the call that hangs', withinMs: 20_000 });
    const began = performance.now();
    expect(await worker.stop()).toBe(0);
    const seconds = (performance.now() - began) / 1_000;
    expect(seconds).toBeLessThan(25);
    expect(await worker.output()).toContain('jobs are cut off in the middle');
    await healed();
    const next = await processes.startWorker();
    await ready(project, 60_000);
    expect(await next.stop()).toBe(0);
    await demandSound();
    console.info(`stopped ${seconds.toFixed(1)} s after it was asked, with a call that hangs`);
  });
});

/** Sagas with a job that is taken and a lease that is held, whose project is being created. */
async function atAppwrite(): Promise<number> {
  const rows = await studio.raw(
    `select from sagas s join saga_steps t on t.saga_id = s.id and t.key = 'create' and t.state = 'running'
       join graphile_worker._private_jobs j on j.payload->>'saga_id' = s.id::text and j.locked_by is not null
      where s.leased_until > now()`,
  );
  return rows.length;
}

describe('a worker process that stands still', () => {
  it('writes nothing when it wakes after another one has taken its work', async () => {
    await addFault({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'delay', ms: 2_000 } });
    const first = await processes.startWorker();
    const projects = await Promise.all(Array.from({ length: 6 }, (_, number) => wish(`Standstill ${number}`)));
    // It is the only worker, so that all of them are in its hands.
    await waitFor(async () => (await atAppwrite()) === projects.length, { what: 'the first worker to be in the middle of its calls', withinMs: 20_000, everyMs: 20 });
    first.signal('SIGSTOP');
    expect(await atAppwrite(), 'sagas that the first worker holds').toBe(projects.length);
    const second = await processes.startWorker();
    for (const project of projects) await ready(project, 60_000);
    await waitFor(async () => (await studio.raw(`select from sagas where state in ('running', 'undoing')`)).length === 0, { what: 'every saga to end', withinMs: 60_000 });
    const before = await studio.raw('select id from saga_events order by id');
    first.signal('SIGCONT');
    // It says of each saga that it is no longer its own.
    await waitFor(async () => (await first.output()).split('another worker carries the saga on').length > projects.length, { what: 'the first worker to find its work taken', withinMs: 30_000 });
    expect(await studio.raw('select id from saga_events order by id')).toEqual(before);
    await demandSound();
    expect([await first.stop(), await second.stop()]).toEqual([0, 0]);
  });
});
