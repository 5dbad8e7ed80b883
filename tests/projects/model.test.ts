import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import { createProject } from '@/lib/projects/create-project';
import { deleteProject } from '@/lib/projects/delete-project';
import { getProject } from '@/lib/projects/get-project';
import { restoreProject } from '@/lib/projects/restore-project';
import { retryProject } from '@/lib/projects/retry-project';
import { projectSagas as sagas } from '@/lib/projects/sagas';
import { faultPositions, SimulatedCrash, type FaultHook } from '@/lib/sagas/fault';
import { runSaga } from '@/lib/sagas/run';
import { sagaPlans } from '@/lib/sagas/start';
import { systemCtx } from '@/lib/projects/tasks';
import { updateProject } from '@/lib/projects/update-project';
import { configured } from '../../scripts/lib/programs.mjs';
import { attempt, testProjects, type TestProjects } from './support';

/**
 * Random histories of two organizations against a model of a few lines: what each verb must answer, and what a
 * project must be once its work is done, whatever crashed in between. STUDIO_MODEL_RUNS makes it run longer.
 */
const runs = Number(configured('STUDIO_MODEL_RUNS') ?? 12);
const length = 40;

type SagaKind = keyof typeof sagaPlans;
type Status = 'requested' | 'ready' | 'failed' | 'deleted' | 'restoring' | 'purging' | 'purged';

/** All that the model knows of a project. */
interface Model {
  id: string;
  name: string;
  tenant: number;
  status: Status;
  hasLived: boolean;
  open: SagaKind | null;
}

let studio: TestProjects;
let tenants: { person: Awaited<ReturnType<TestProjects['person']>>; organization: { id: string; rowId: string } }[];

beforeAll(async () => {
  studio = await testProjects();
  tenants = [];
  for (const name of ['North', 'South']) {
    const person = await studio.person();
    const organization = await studio.newOrganization(person, name);
    tenants.push({ person, organization });
  }
  await studio.raw(`update subscriptions set plan_key = 'scale'`);
});

afterAll(() => studio.close());

const places = Object.values(sagaPlans).flatMap(({ steps }) => steps.flatMap((step) => [step, `undo-${step}`].flatMap((key) => faultPositions.map((position) => `${key}:${position}`))));

const command = fc.record({
  act: fc.constantFrom('create', 'create', 'work', 'work', 'work', 'rename', 'delete', 'restore', 'retry', 'purge', 'peek' as const),
  who: fc.nat(1),
  which: fc.nat(7),
  crash: fc.option(fc.constantFrom(...places), { freq: 2 }),
  doomed: fc.boolean(),
});

type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

const crashAt = (place: string | null): FaultHook => (step, position) => (`${step}:${position}` === place ? Promise.reject(new SimulatedCrash(place)) : Promise.resolve());

async function openSaga(project: Model): Promise<string | undefined> {
  const [row] = await studio.raw<{ id: string }>(
    `select s.id from sagas s join projects p on p.id = s.project_id where p.public_id = $1 and s.state in ('running', 'undoing')`, [project.id],
  );
  return row?.id;
}

/** Lets a worker carry the project's saga on, to its end or to a crash. */
async function work(project: Model, { crash, doomed }: Pick<Command, 'crash' | 'doomed'>): Promise<void> {
  const sagaId = await openSaga(project);
  expect(sagaId === undefined).toBe(project.open === null);
  if (sagaId === undefined || project.open === null) return;
  // A route that the server does not know cannot be waited out: the saga has to take everything back.
  const fault = doomed && project.open === 'provision' ? studio.appwrite.standIn.faults.add({ method: 'POST', path: '/v1/project/keys', effect: { kind: 'not-found-page' } }) : null;
  try {
    await runSaga(systemCtx(studio.ports, 'provisioning'), tenant(project).organization.rowId, sagaId, { sagas, faults: crashAt(crash), backoff: () => 5 });
  } catch (error) {
    if (!(error instanceof SimulatedCrash)) throw error;
    await studio.raw(`update sagas set leased_until = null where id = $1`, [sagaId]);
  } finally {
    if (fault !== null) studio.appwrite.standIn.faults.remove(fault);
    studio.passTime(120_000);
  }
  if ((await openSaga(project)) !== undefined) return;
  const status = await statusOf(project);
  const failed = project.open === 'provision' && status === 'failed';
  if (status === 'stuck') throw new Error(`stuck: ${JSON.stringify(await studio.raw('select kind, step_key, attempt, detail from saga_events where saga_id = $1 order by id', [sagaId]))}`);
  const ended: Partial<Record<SagaKind, Status>> = { provision: failed ? 'failed' : 'ready', restore: 'ready', purge: 'purged' };
  project.status = ended[project.open] ?? project.status;
  project.hasLived ||= project.status === 'ready';
  project.open = null;
}

function tenant(project: Model) {
  const found = tenants[project.tenant];
  if (found === undefined) throw new Error('there is no such tenant');
  return found;
}

async function statusOf(project: Model): Promise<string> {
  const { status } = await getProject(tenant(project).person.ctx, project.id);
  return status === 'provisioning' ? 'requested' : status;
}

/** What a verb has to answer for a project in this state, and what it changes. */
async function step(projects: Model[], { act, who, which, crash, doomed }: Command): Promise<void> {
  if (act === 'create') {
    const { person, organization } = tenants[who] ?? tenants[0] ?? never();
    const { id, name } = await createProject(person.ctx, { organization_id: organization.id, name: `P${projects.length}`, hostname: doomed ? 'model.example.com' : null });
    projects.push({ id, name, tenant: who, status: 'requested', hasLived: false, open: 'provision' });
    return;
  }
  const project = projects[which % Math.max(projects.length, 1)];
  if (project === undefined) return;
  if (act === 'work') return work(project, { crash, doomed });
  const { ctx } = tenant(project).person;
  const other = tenants[1 - project.tenant] ?? never();
  switch (act) {
    case 'peek':
      expect(await attempt(getProject(other.person.ctx, project.id))).toBe('not_found');
      return;
    case 'rename': {
      const name = `${project.name}x`.slice(-20);
      const allowed = project.status === 'ready' || project.status === 'failed';
      expect(await attempt(updateProject(ctx, project.id, { name })), told(project)).toBe(allowed ? 'ok' : refusal(project));
      if (allowed && project.status === 'ready' && name !== project.name) project.open = 'rename';
      if (allowed) project.name = name;
      return;
    }
    case 'delete': {
      const allowed = project.status === 'failed' || project.status === 'ready';
      expect(await attempt(deleteProject(ctx, project.id, { confirm_name: project.name })), told(project)).toBe(allowed ? 'ok' : refusal(project));
      if (allowed) Object.assign(project, { open: project.status === 'ready' ? 'silence' : null, status: 'deleted' });
      return;
    }
    case 'restore': {
      const allowed = project.status === 'deleted' && (project.open === null || !project.hasLived);
      expect(await attempt(restoreProject(ctx, project.id)), told(project)).toBe(allowed ? 'ok' : refusal(project));
      if (allowed) Object.assign(project, project.hasLived ? { status: 'restoring', open: 'restore' } : { status: 'failed' });
      return;
    }
    case 'retry': {
      const pending = project.status === 'requested';
      const allowed = project.status === 'failed';
      expect(await attempt(retryProject(ctx, project.id)), told(project)).toBe(allowed || pending ? 'ok' : refusal(project));
      if (allowed) Object.assign(project, { status: 'requested', open: 'provision' });
      return;
    }
    case 'purge': {
      if (project.status !== 'deleted' || project.open !== null) return;
      await studio.raw(`update projects set restorable_until = now() - interval '1 second' where public_id = $1`, [project.id]);
      await studio.job('purge-projects');
      Object.assign(project, { status: 'purging', open: 'purge' });
    }
  }
}

const told = (project: Model) => JSON.stringify(project);

const refusal = ({ status }: Model) => (status === 'purging' || status === 'purged' ? 'gone' : 'conflict');

function never(): never {
  throw new Error('there is no such tenant');
}

async function remoteIds(admin: AppwriteAdmin): Promise<Set<string>> {
  const ids: string[] = [];
  for (;;) {
    const after = ids.at(-1);
    const { projects } = await admin.listProjects({ limit: 100, ...(after === undefined ? {} : { after }) });
    ids.push(...projects.map(({ id }) => id));
    if (projects.length < 100) return new Set(ids);
  }
}

describe('random histories', () => {
  it('of projects end as the model says, with the same on both sides', async () => {
    let commands = 0;
    const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: length, maxLength: length }), async (history) => {
        const projects: Model[] = [];
        for (const each of history) {
          await step(projects, each);
          commands += 1;
        }
        for (const project of projects) {
          for (let tries = 0; project.open !== null && tries < 10; tries += 1) await work(project, { crash: null, doomed: false });
          expect(await statusOf(project)).toBe(project.status);
        }
        await studio.settle(async () => (await studio.raw(`select from appwrite_projects where state = 'abandoned'`)).length === 0);
        const live = await studio.raw<{ id: string }>(`select appwrite_project_id as id from appwrite_projects where state = 'live'`);
        expect(await remoteIds(admin)).toEqual(new Set(live.map(({ id }) => id)));
        const [counter] = await studio.raw<{ placed: number }>('select placed from appwrite_instances');
        expect(counter?.placed).toBe(live.length);
        const halfOpen = await studio.raw(`select from projects p join appwrite_projects a on a.project_id = p.id where p.status = 'ready' and a.state = 'chosen'`);
        expect(halfOpen).toEqual([]);
      }),
      { numRuns: runs, endOnFailure: true },
    );
    console.info(`model: ${runs} histories, ${commands} commands, 0 violations`);
  }, 1_800_000);
});
