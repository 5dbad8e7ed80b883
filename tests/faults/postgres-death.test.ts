import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject } from '@/lib/projects/schemas';
import { isAlive } from '../../scripts/lib/processes.mjs';
import { figure, proof, scaled } from '../support/figure';
import { startStudio, type RunningStudio } from '../support/studio';
import { signUp, type Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { inspect, isSound, orphansOf, violationsOf } from './invariants';
import { ownCluster } from './own-cluster';
import { adminAt, rawAt } from './real-appwrite';

interface Load {
  acknowledged: string[];
  refused: number;
  /** Answers that are neither success nor an honest "not now". */
  wrong: string[];
  /** The longest time without a success. */
  windowMs: number;
  stop(): Promise<void>;
}

/** A studio whose Postgres may die, with somebody signed in. */
async function open(options: { diskMb?: number }) {
  const cluster = await ownCluster(options);
  const studio = await startStudio({
    env: { DATABASE_URL: cluster.urls.app, DATABASE_JOBS_URL: cluster.urls.jobs, RATE_LIMIT_PER_MINUTE: '1000000', APPWRITE_PLATFORM_CAPACITY: '100000', ATTEMPT_LIMIT_FACTOR: '1000' },
  });
  const owner = await signUp(studio);
  const organization = await owner.post(OrganizationView, '/api/v1/organizations', { name: 'Durable' });
  const raw = rawAt(cluster.urls.owner);
  await raw(`update subscriptions set plan_key = 'scale'`);
  return { cluster, studio, owner, organization, raw };
}

type World = Awaited<ReturnType<typeof open>>;

async function close(world: World | undefined): Promise<void> {
  await world?.studio.stop();
  await world?.cluster.stop();
}

/** Wishes and reads without a pause. Whatever was answered 202 is remembered. */
function load(owner: Visitor, organization: OrganizationView, everyMs: number): Load {
  let running = true;
  let lastWellMs = performance.now();
  const seen: Omit<Load, 'stop'> = { acknowledged: [], refused: 0, wrong: [], windowMs: 0 };
  async function ask(n: number): Promise<void> {
    const answer = await owner.ask('POST', '/api/v1/projects', { body: { organization_id: organization.id, name: `Load ${n}` }, timeoutMs: 25_000 });
    if (answer.status === 202) {
      seen.acknowledged.push(CreatedProject.parse(answer.json).id);
      seen.windowMs = Math.max(seen.windowMs, performance.now() - lastWellMs);
      lastWellMs = performance.now();
    } else if (answer.status === 503) seen.refused += 1;
    else seen.wrong.push(`${answer.status} ${answer.text.slice(0, 200)}`);
  }
  const asking = (async () => {
    for (let n = 0; running; n += 1) {
      await ask(n).catch((error: unknown) => seen.wrong.push(String(error)));
      await sleep(everyMs);
    }
  })();
  return Object.assign(seen, {
    async stop() {
      running = false;
      await asking;
    },
  });
}

const processesOf = ({ servers, workers }: RunningStudio) => [...servers, ...workers];

/** Says what was answered wrongly, which a count alone does not. */
function tellWrong({ wrong }: Load): void {
  if (wrong.length > 0) console.info(wrong.slice(0, 3).join('\n'));
}

async function demandAlive(studio: RunningStudio): Promise<number> {
  const gone = processesOf(studio).filter(({ pid }) => !isAlive(pid));
  for (const { output } of gone) console.info((await output()).slice(-3_000));
  return gone.length;
}

const standingStill = `select s.kind, s.state, s.error, s.leased_until, t.key as step, t.state as step_state, t.attempt, t.reason, t.next_attempt_at, j.run_at, j.locked_at, j.locked_by, j.attempts, j.last_error
  from sagas s join saga_steps t on t.organization_id = s.organization_id and t.saga_id = s.id and t.state not in ('done', 'skipped', 'waiting')
  left join graphile_worker._private_jobs j on j.payload->>'saga_id' = s.id::text
 where s.state in ('running', 'undoing') limit 5`;

/** Everything that was acknowledged is there and comes true; a job that died with its connection is asked for again by the worker itself. */
async function demandKept({ raw, studio }: World, acknowledged: readonly string[]) {
  await waitFor(
    async () => (await raw(`select from projects where status in ('requested', 'provisioning') union all select from appwrite_projects where state = 'abandoned'`).catch(() => [null])).length === 0,
    { what: 'everything to be provisioned', withinMs: scaled(120_000, 240_000), everyMs: 1_000 },
  ).catch(async (error: unknown) => {
    console.info('what stands still:', await raw(standingStill));
    for (const { output } of studio.workers) console.info((await output()).slice(-6_000));
    throw error;
  });
  const inspection = await inspect({ raw, admin: adminAt(studio.appwriteUrl) }, acknowledged);
  expect.soft(violationsOf(inspection)).toEqual({});
  return inspection;
}

describe('a Postgres that dies under load', () => {
  let world: World;
  beforeAll(async () => {
    world = await open({});
  });
  afterAll(() => close(world));

  it.for([
    ['whose backends are terminated', ({ raw }: World) => raw(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'studio-%' and pid <> pg_backend_pid()`), scaled(4, 40)],
    [
      'whose postmaster is killed and started again', async ({ cluster }: World) => {
        await cluster.kill();
        await sleep(500);
        await cluster.start();
      }, scaled(1, 8),
    ],
  ] as const)('%s: ends no process and loses nothing that was acknowledged', { timeout: scaled(240_000, 900_000) }, async ([what, strike, times], context) => {
    const under = load(world.owner, world.organization, 150);
    for (let blow = 0; blow < times; blow += 1) {
      await sleep(1_200);
      await strike(world);
    }
    const before = under.acknowledged.length;
    await waitFor(() => under.acknowledged.length > before, { what: 'wishes to be taken again', withinMs: 30_000 });
    await under.stop();
    tellWrong(under);
    const inspection = await demandKept(world, under.acknowledged);
    const gone = await demandAlive(world.studio);
    figure(context, {
      requirements: ['F4', 'P1'],
      what: `A Postgres ${what}, under load`,
      reached: `${times} times: ${gone} processes ended, ${inspection.lost.length} of ${under.acknowledged.length} acknowledged projects lost, ${orphansOf(inspection)} orphans, ${under.wrong.length} answers wrong, ${under.refused} answered 503; longest time without a success ${(under.windowMs / 1_000).toFixed(1)} s`,
      bound: '0 processes, 0 lost, 0 orphans, 0 wrong answers',
      pass: gone + under.wrong.length === 0 && isSound(inspection) && under.acknowledged.length > times,
    });
  });
});

/** Only root may make a disk of its own; elsewhere nobody can fill one without harm. */
const mayMount = process.getuid?.() === 0;

describe.each(mayMount || proof.whole ? ['a Postgres whose disk is full'] : [])('%s', () => {
  const line = { requirements: ['F13'], what: 'A Postgres whose disk (a tmpfs of 320 MB) is full, under load', bound: '0 lost, 0 orphans, 0 processes, 0 wrong answers, some 503' };

  it('refuses cleanly, and has everything that it acknowledged when there is room again', { timeout: scaled(240_000, 600_000) }, async (context) => {
    if (!mayMount) return figure(context, { ...line, reached: 'not tried: only root may make a disk of its own', pass: false });
    const world = await open({ diskMb: 320 });
    try {
      const under = load(world.owner, world.organization, 60);
      const rounds = scaled(1, 5);
      for (let round = 0; round < rounds; round += 1) {
        await sleep(1_500);
        await fillUntilRefused(world, under);
        await sleep(1_000);
        await world.cluster.empty();
        await world.cluster.start();
        await world.raw('drop table if exists fill_log');
        const before = under.acknowledged.length;
        await waitFor(() => under.acknowledged.length > before, { what: 'wishes to be taken again', withinMs: 60_000 });
      }
      await under.stop();
      tellWrong(under);
      const inspection = await demandKept(world, under.acknowledged);
      const gone = await demandAlive(world.studio);
      figure(context, {
        ...line,
        reached: `${rounds} times: ${inspection.lost.length} of ${under.acknowledged.length} acknowledged projects lost, ${orphansOf(inspection)} orphans, ${gone} processes ended, ${under.wrong.length} answers wrong, ${under.refused} answered 503`,
        pass: gone + under.wrong.length === 0 && isSound(inspection) && under.refused > 0,
      });
    } finally {
      await close(world);
    }
  });
});

/** A piece of the log of writes is there already when the disk is full: it has to be used up before a write fails. */
async function fillUntilRefused(world: World, under: Load): Promise<void> {
  await world.cluster.fill();
  const refused = under.refused + under.wrong.length;
  await waitFor(
    async () => {
      await world
        .raw('create table if not exists fill_log (text text)')
        .then(() => world.raw('insert into fill_log select repeat(md5(random()::text), 2000) from generate_series(1, 200)'))
        .catch(() => undefined);
      return under.refused + under.wrong.length > refused;
    },
    { what: 'a write to be refused', withinMs: 60_000, everyMs: 100 },
  );
}
