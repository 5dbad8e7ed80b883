import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject } from '@/lib/projects/create-project';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { figure, proof, scaled } from '../support/figure';
import { startStudio, type RunningStudio, type StudioProcess } from '../support/studio';
import { inspect, isSound, orphansOf, violationsOf } from './invariants';
import { rest, type Hands } from './matrix/beginnings';
import { startInBetween, type InBetween } from './matrix/in-between';
import { adminAt } from './real-appwrite';

let studio: TestStudio;
let processes: RunningStudio;
/** On the way to Appwrite, where it is seen what was made under which id. */
let between: InBetween;
let owner: Person;
let organization: { id: string; rowId: string };
let hands: Hands;

beforeAll(async () => {
  const vaultKey = randomBytes(32);
  studio = await testStudio({ vaultKey });
  processes = await startStudio({
    servers: 0,
    workers: 0,
    env: { STUDIO_URL: 'http://127.0.0.1:1', STUDIO_ENCRYPTION_KEYS: `test:${vaultKey.toString('base64')}`, DATABASE_URL: studio.urls.appUrl, DATABASE_JOBS_URL: studio.urls.jobsUrl, APPWRITE_PLATFORM_CAPACITY: '1000' },
  });
  between = await startInBetween(processes.appwriteUrl);
  owner = await studio.person();
  organization = await studio.organization(owner);
  await studio.raw(`update subscriptions set plan_key = 'scale'`);
  hands = { ctx: owner.ctx, raw: studio.raw, system: (job) => studio.ctx({ kind: 'system', job }) };
});

afterAll(async () => {
  await processes?.stop();
  await between?.close();
  await studio?.close();
});

const startWorker = (): Promise<StudioProcess> => processes.startWorker({ APPWRITE_PLATFORM_ENDPOINT: between.endpointOf('chaos') });

interface Blow {
  worker: number;
  /** Longer than a lease, some of them: another worker takes over meanwhile. */
  kind: 'pause' | 'kill';
  ms: number;
  afterMs: number;
}

const blow: fc.Arbitrary<Blow> = fc.record({
  worker: fc.nat(2),
  kind: fc.constantFrom('pause' as const, 'pause' as const, 'kill' as const),
  ms: fc.constantFrom(200, 1_000, 3_000, 8_000),
  afterMs: fc.integer({ min: 100, max: 900 }),
});

describe('three workers that are paused and killed at random', () => {
  it(`do nothing twice and lose nothing (seed ${proof.seed})`, { timeout: scaled(240_000, 900_000) }, async (context) => {
    const [blows = []] = fc.sample(fc.array(blow, { minLength: scaled(12, 120), maxLength: scaled(12, 120) }), { seed: proof.seed, numRuns: 1 });
    const wishes = scaled(12, 80);
    const workers = await Promise.all([startWorker(), startWorker(), startWorker()]);
    const acknowledged: string[] = [];
    const pauses: Promise<void>[] = [];
    let [kills, paused] = [0, 0];
    await addDelay(120);
    for (const [n, { worker, kind, ms, afterMs }] of blows.entries()) {
      while (acknowledged.length < ((n + 1) / blows.length) * wishes) {
        acknowledged.push((await createProject(owner.ctx, { organization_id: organization.id, name: `Chaos ${acknowledged.length}`, hostname: 'chaos.example.com' })).id);
      }
      await sleep(afterMs);
      const target = workers[worker];
      if (target === undefined) throw new Error('there is no such worker');
      if (kind === 'kill') {
        kills += 1;
        await target.kill();
        workers[worker] = await startWorker();
      } else {
        paused += 1;
        pauses.push(pauseFor(target, ms));
      }
    }
    await Promise.all(pauses);
    await rest(hands, organization.rowId, 120_000);
    for (const worker of workers) expect(await worker.stop()).toBe(0);

    const inspection = await inspect({ raw: studio.raw, admin: adminAt(processes.appwriteUrl) }, acknowledged);
    const double = await doubleEffects();
    expect.soft({ violations: violationsOf(inspection), double }).toEqual({ violations: {}, double: [] });
    const unready = await studio.raw(`select name from projects where status <> 'ready'`);
    expect.soft(unready).toEqual([]);
    figure(context, {
      requirements: ['P5'],
      what: 'Effects that happened twice with three workers paused and killed at random',
      reached: `${double.length} of ${between.made.length}, ${orphansOf(inspection)} orphans, ${inspection.lost.length} of ${acknowledged.length} projects lost; ${kills} kills, ${paused} pauses`,
      bound: '0, no orphans, none lost, all ready',
      pass: double.length + unready.length === 0 && isSound(inspection) && kills > 0 && paused > 0,
    });
  });
});

async function pauseFor(worker: StudioProcess, ms: number): Promise<void> {
  worker.signal('SIGSTOP');
  await sleep(ms);
  worker.signal('SIGCONT');
}

/** A create that takes its time, so that many are on their way when a worker is struck. */
async function addDelay(ms: number): Promise<void> {
  await fetch(new URL('/_faults', processes.appwriteUrl), {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'delay', ms } }),
  });
}

const oncePerProject = ['/v1/organization/projects', '/v1/project/keys', '/v1/project/platforms/web'];

/** What Appwrite made more than once for one attempt, or for an attempt that nobody chose; and what lives without having been seen on its way. */
async function doubleEffects(): Promise<string[]> {
  const attempts = await studio.raw<{ id: string; live: boolean }>(`select appwrite_project_id as id, state = 'live' as live from appwrite_projects`);
  const times = new Map<string, number>();
  for (const { path, id, within } of between.made.filter((each) => oncePerProject.includes(each.path))) {
    const what = `${path} ${within === 'console' ? id : within}`;
    times.set(what, (times.get(what) ?? 0) + 1);
  }
  const allowed = new Set(attempts.flatMap(({ id }) => oncePerProject.map((path) => `${path} ${id}`)));
  const living = attempts.filter(({ live }) => live).flatMap(({ id }) => oncePerProject.map((path) => `${path} ${id}`));
  return [
    ...[...times].filter(([what, count]) => count > 1 || !allowed.has(what)).map(([what, count]) => `${what}: ${count} times`),
    ...living.filter((what) => !times.has(what)).map((what) => `${what}: not seen`),
  ];
}
