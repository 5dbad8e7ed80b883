import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, run as runWorker, type Runner } from 'graphile-worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppwriteAdmin } from '@/lib/adapters/appwrite/node-appwrite/admin';
import { connect } from '@/lib/adapters/appwrite/node-appwrite/connection';
import type { AppwriteInstances } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { projectTasks } from '@/lib/projects/tasks';
import { platformAccount, testProjects, type TestProjects } from '../projects/support';
import { testStudio, type TestStudio } from '../support/context';
import { figure, proof, scaled } from '../support/figure';
import { startStudio, type RunningStudio } from '../support/studio';
import { waitFor } from '../support/wait-for';
import { startPoisonedWay, type PoisonedWay } from './poisoned-way';

type Raw = TestStudio['raw'];

interface Organization {
  id: string;
  rowId: string;
}

/** What the engine allows itself for one step: forward, which takes a minute here and is less in a slice, and for taking it back. */
const most = { forward: scaled(12, 60), back: 5 };

async function ready(ctx: Ctx, project: string): Promise<void> {
  await waitFor(async () => (await getProject(ctx, project)).status === 'ready', { what: `${project} to be ready`, withinMs: 60_000, everyMs: 20 });
}

async function wish(ctx: Ctx, { id }: Organization, name: string): Promise<string> {
  return (await createProject(ctx, { organization_id: id, name })).id;
}

/** An organization that Appwrite knows already: its team is there, and one project. @returns the team's id as well */
async function settled(ctx: Ctx, raw: Raw, organization: Organization): Promise<Organization & { team: string }> {
  await ready(ctx, await wish(ctx, organization, 'First'));
  const [team] = await raw<{ id: string }>('select team_id as id from appwrite_teams where organization_id = $1', [organization.rowId]);
  if (team === undefined) throw new Error('the organization has no team');
  return { ...organization, team: team.id };
}

/** Nobody has to wait for an organization's jobs any longer. */
async function hurry(raw: Raw, { rowId }: Organization): Promise<void> {
  await raw(`update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null and payload->>'organization_id' = $1`, [rowId]);
}

describe('an organization whose every call Appwrite answers 500', () => {
  let studio: TestProjects;
  let way: PoisonedWay;
  let runner: Runner;

  beforeAll(async () => {
    studio = await testProjects();
    await studio.raw(`update appwrite_instances set capacity = 100000`);
    way = await startPoisonedWay(studio.appwrite.url);
    const tasks = projectTasks({ ...studio.ports, appwrite: instancesAt(way.endpoint) }, { backoff: () => 20, ...(proof.whole ? {} : { maxAttempts: most.forward }) });
    runner = await runWorker({ connectionString: studio.urls.jobsUrl, noHandleSignals: true, taskList: tasks, pollInterval: 100, concurrency: 8, logger: new Logger(() => () => undefined) });
  });

  afterAll(async () => {
    await runner?.stop();
    await way?.close();
    await studio?.close();
  });

  /** One server for all, behind one gate, as in a worker process. */
  function instancesAt(endpoint: string): AppwriteInstances {
    const { log, clock } = studio.ports;
    const store = { load: () => Promise.resolve(null), save: () => Promise.resolve() };
    const connection = connect({ endpoint, credentials: platformAccount, store, clock, log });
    return { byId: (id) => Promise.resolve({ id, endpoint, publicEndpoint: endpoint, admin: (options) => createAppwriteAdmin(connection, options) }) };
  }

  async function newOrganization(name: string) {
    const organization = await studio.newOrganization(studio.owner, name);
    await studio.raw(`update subscriptions set plan_key = 'scale' where organization_id = $1`, [organization.rowId]);
    return settled(studio.owner.ctx, studio.raw, organization);
  }

  const unended = ({ rowId }: Organization) => studio.raw(`select from sagas where organization_id = $1 and state in ('running', 'undoing')`, [rowId]);

  /** Breakers and budgets reckon in minutes; here a second takes a hundredth of one. */
  async function untilEnded(organization: Organization): Promise<void> {
    const passing = setInterval(() => studio.passTime(2_000), 20);
    try {
      await waitFor(async () => (await hurry(studio.raw, organization), (await unended(organization)).length === 0), { what: 'the poisoned sagas to end', withinMs: scaled(120_000, 500_000), everyMs: 100 });
    } finally {
      clearInterval(passing);
    }
  }

  /** Stuck: with words for a person, one entry in the audit log, and one line for the operator. */
  async function isDeadLetter(project: string): Promise<boolean> {
    const { status, error } = await getProvisioning(studio.owner.ctx, project);
    const entries = await studio.raw(`select from audit_logs where target_id = $1 and action = 'project.stuck' and reason <> ''`, [project]);
    const sagas = await studio.raw<{ id: string; state: string }>(`select s.id, s.state from sagas s join projects p on p.id = s.project_id where p.public_id = $1`, [project]);
    const lines = studio.lines.filter(({ level, message, fields }) => level === 'error' && message === 'a saga is stuck' && fields['saga'] === sagas[0]?.id);
    return status === 'stuck' && lines.length === 1 && (error?.message ?? '') !== '' && entries.length === 1 && sagas.length === 1 && sagas[0]?.state === 'stuck';
  }

  it('gives up, says so, and holds nobody else up', { timeout: scaled(240_000, 700_000) }, async (context) => {
    const { ctx } = studio.owner;
    const poisoned = await newOrganization('Poisoned');
    const others = [await newOrganization('One'), await newOrganization('Two'), await newOrganization('Three')];
    way.poison(poisoned.team);
    const doomed: string[] = [];
    for (let n = 0; n < scaled(2, 4); n += 1) doomed.push(await wish(ctx, poisoned, `Doomed ${n}`));
    // As many failures in a row as open the breaker, while nobody else is there.
    await waitFor(() => way.refused(poisoned.team) >= 6, { what: 'the poison to work' });
    const wishes: string[] = [];
    for (let n = 0; n < scaled(9, 60); n += 1) wishes.push(await wish(ctx, others[n % others.length] ?? poisoned, `Other ${n}`));
    for (const project of wishes) await ready(ctx, project);
    const pauses = await studio.raw<{ detail: string }>(
      `select e.detail from saga_events e where e.kind = 'retrying' and e.organization_id = any($1)`, [others.map(({ rowId }) => rowId)],
    );
    await untilEnded(poisoned);
    const letters = await Promise.all(doomed.map(isDeadLetter));
    const [tried] = await studio.raw<{ forward: number; back: number; events: number }>(
      'select max(attempt) as forward, max(undo_attempt) as back from saga_steps where organization_id = $1', [poisoned.rowId],
    );
    const calls = way.refused(poisoned.team);
    await waitFor(async () => (await hurry(studio.raw, poisoned), (await studio.raw(`select from graphile_worker._private_jobs where payload->>'organization_id' = $1`, [poisoned.rowId])).length === 0), { what: 'its last jobs to leave the queue' });
    await sleep(200);
    expect.soft(pauses).toEqual([]);
    figure(context, {
      requirements: ['P9'],
      what: `An organization whose every call is answered 500 for good, beside ${others.length} others on the same server and worker`,
      reached: `${letters.filter(Boolean).length} of ${doomed.length} projects stuck with words for a person, an entry in the audit log, a line for the operator and no job left; at most ${tried?.forward} attempts at a step and ${tried?.back} at taking it back, ${calls} calls, ${way.refused(poisoned.team) - calls} after the end; the others: ${wishes.length} ready, told to wait ${pauses.length} times`,
      bound: `all stuck, ≤ ${most.forward} and ${most.back} attempts, none after the end; the others never told to wait`,
      pass:
        letters.every(Boolean) && tried !== undefined && tried.forward <= most.forward && tried.back <= most.back && calls <= doomed.length * (most.forward + most.back) &&
        way.refused(poisoned.team) === calls && pauses.length === 0,
    });
  });
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Too noisy for a slice on a machine that does other things: there the count of pauses stands for it. */
describe.each(proof.whole ? ['with nothing hurried'] : [])('beside such an organization, %s', () => {
  const [rounds, ofEach, doomedAtOnce] = [6, 6, 4];
  let studio: TestStudio;
  let processes: RunningStudio;
  let way: PoisonedWay;

  beforeAll(async () => {
    const vaultKey = randomBytes(32);
    studio = await testStudio({ vaultKey });
    processes = await startStudio({
      servers: 0,
      workers: 0,
      env: { STUDIO_URL: 'http://127.0.0.1:1', STUDIO_ENCRYPTION_KEYS: `test:${vaultKey.toString('base64')}`, DATABASE_URL: studio.urls.appUrl, DATABASE_JOBS_URL: studio.urls.jobsUrl, APPWRITE_PLATFORM_CAPACITY: '1000' },
    });
    // As long as the real server takes: a tenth of nothing would be lost in the noise.
    await fetch(new URL('/_faults', processes.appwriteUrl), { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ latency: 'recorded' }) });
    way = await startPoisonedWay(processes.appwriteUrl);
    await processes.startWorker({ APPWRITE_PLATFORM_ENDPOINT: way.endpoint });
  });

  afterAll(async () => {
    await processes?.stop();
    await way?.close();
    await studio?.close();
  });

  /** From the wish to ready, by the clock of the database, in milliseconds; one after the other, with pauses in which the poison is alone. */
  async function timesToReady(ctx: Ctx, others: readonly Organization[], round: string): Promise<number[]> {
    const times: number[] = [];
    for (let n = 0; n < ofEach; n += 1) {
      const project = await wish(ctx, others[n % others.length] ?? { id: '', rowId: '' }, `${round} ${n}`);
      await ready(ctx, project);
      const [row] = await studio.raw<{ ms: number }>('select (extract(epoch from ready_at - created_at) * 1000)::float8 as ms from projects where public_id = $1', [project]);
      times.push(row?.ms ?? Number.NaN);
      await sleep(500);
    }
    return times;
  }

  it('the others wait no longer', { timeout: 900_000 }, async (context) => {
    const owner = await studio.person();
    const newOrganization = async (name: string) => {
      const organization = await studio.organization(owner, name);
      await studio.raw(`update subscriptions set plan_key = 'scale'`);
      return settled(owner.ctx, studio.raw, organization);
    };
    const poisoned = await newOrganization('Poisoned');
    const others = [await newOrganization('One'), await newOrganization('Two'), await newOrganization('Three')];
    const [without, beside]: [number[], number[]] = [[], []];
    let refused = 0;
    for (let round = 0; round < rounds; round += 1) {
      without.push(...(await timesToReady(owner.ctx, others, `Without ${round}`)));
      way.poison(poisoned.team);
      const doomed: string[] = [];
      for (let n = 0; n < doomedAtOnce; n += 1) doomed.push(await wish(owner.ctx, poisoned, `Doomed ${round} ${n}`));
      await waitFor(() => way.refused(poisoned.team) >= 6, { what: 'the poison to work', withinMs: 60_000 });
      beside.push(...(await timesToReady(owner.ctx, others, `Beside ${round}`)));
      refused += way.refused(poisoned.team);
      way.heal();
      for (const project of doomed) await waitFor(async () => (await hurry(studio.raw, poisoned), (await getProject(owner.ctx, project)).status === 'ready'), { what: 'the healed projects to be ready', withinMs: 120_000, everyMs: 200 });
    }
    const ratio = median(beside) / median(without);
    figure(context, {
      requirements: ['P9'],
      what: `Time to ready beside ${doomedAtOnce} projects of an organization whose every call is answered 500, against the time without them, in ${rounds} turns of each`,
      reached: `${ratio.toFixed(2)} × (median ${Math.round(median(beside))} ms against ${Math.round(median(without))} ms of ${beside.length} projects each; ${refused} calls answered 500 meanwhile)`,
      bound: '≤ 1.10 ×',
      pass: ratio <= 1.1 && beside.length >= 30,
    });
  });
});
