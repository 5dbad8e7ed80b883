import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultInput } from '@/lib/local-cloud/appwrite/faults';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { retryProject } from '@/lib/projects/retry-project';
import { projectSagas as sagas } from '@/lib/projects/sagas';
import { faultPositions, SimulatedCrash, type FaultHook } from '@/lib/sagas/fault';
import { runSaga } from '@/lib/sagas/run';
import { systemCtx } from '@/lib/projects/tasks';
import { attempt, auditActions, testProjects, type TestProjects } from './support';

const steps = ['reserve', 'create', 'health', 'key', 'platform', 'ready'] as const;
const quick = { backoff: () => 10 };

let studio: TestProjects;

beforeAll(async () => {
  studio = await testProjects({ deadlines: { readMs: 800, writeMs: 800, createMs: 800 } });
});

afterEach(() => {
  studio.appwrite.standIn.faults.clear();
  studio.passTime(120_000);
});
afterAll(() => studio.close());

const faults = () => studio.appwrite.standIn.faults;

async function wish(name: string): Promise<{ id: string; sagaId: string }> {
  const { id } = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name, hostname: 'crash.example.com' });
  return { id, sagaId: await openSaga(id) };
}

async function openSaga(project: string): Promise<string> {
  const [row] = await studio.raw<{ id: string }>(`select s.id from sagas s join projects p on p.id = s.project_id where p.public_id = $1 order by s.id desc limit 1`, [project]);
  return row?.id ?? '';
}

const run = (sagaId: string, hook?: FaultHook) =>
  runSaga(systemCtx(studio.ports, 'provisioning'), studio.organization.rowId, sagaId, { ...quick, sagas, ...(hook === undefined ? {} : { faults: hook }) });

/** Ends the run at that place, as a kill would: nothing after it is done or written. */
const crashAt = (step: string, position: string): FaultHook => (atStep, atPosition) =>
  atStep === step && atPosition === position ? Promise.reject(new SimulatedCrash(`${step}:${position}`)) : Promise.resolve();

/** The lease of a dead worker runs out. */
async function leaseRunsOut(sagaId: string): Promise<void> {
  await studio.raw(`update sagas set leased_until = clock_timestamp() - interval '1 second' where id = $1 and leased_until is not null`, [sagaId]);
}

async function settles(project: string, status: string): Promise<void> {
  const settled = async () => (await getProject(studio.owner.ctx, project)).status === status;
  for (let round = 0; round < 40 && !(await settled()); round += 1) {
    await leaseRunsOut(await openSaga(project));
    studio.passTime(120_000);
    await studio.hurry();
    await studio.drain(quick);
  }
  expect((await getProvisioning(studio.owner.ctx, project)).status).toBe(status);
}

/** Nothing at Appwrite that we do not know, nothing known that is not there, and one key for each live project. */
async function demandNoOrphans(): Promise<void> {
  await studio.settle(async () => {
    const [open] = await studio.raw<{ open: number }>(`select count(*)::int as open from appwrite_projects where state = 'abandoned'`);
    return open?.open === 0;
  }, quick);
  const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  const remote: string[] = [];
  for (let after: string | undefined; ; after = remote.at(-1)) {
    const page = await admin.listProjects({ limit: 100, ...(after === undefined ? {} : { after }) });
    remote.push(...page.projects.map(({ id }) => id));
    if (page.projects.length < 100) break;
  }
  const ours = await studio.raw<{ id: string }>(`select appwrite_project_id as id from appwrite_projects where state = 'live'`);
  expect(new Set(remote)).toEqual(new Set(ours.map(({ id }) => id)));
  const [instance] = await studio.raw<{ placed: number }>('select placed from appwrite_instances');
  expect(instance?.placed).toBe(ours.length);
}

async function demandOneKey(project: string): Promise<void> {
  const [row] = await studio.raw<{ appwrite_id: string; keys: string[] }>(
    `select a.appwrite_project_id as appwrite_id, array_agg(k.appwrite_key_id) as keys from appwrite_projects a
       join projects p on p.id = a.project_id join appwrite_keys k on k.appwrite_project_row_id = a.id
      where p.public_id = $1 and a.state = 'live' and k.state = 'live' group by 1`,
    [project],
  );
  const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  const remote = await admin.listKeys(row?.appwrite_id ?? '');
  expect(remote.map(({ id }) => id)).toEqual(row?.keys);
  expect(await admin.listPlatforms(row?.appwrite_id ?? '')).toHaveLength(1);
}

describe('a worker that dies', () => {
  const places = steps.flatMap((step) => faultPositions.map((position) => [step, position] as const));

  it.each(places)('at %s:%s leaves a saga that the next one completes, once', async (step, position) => {
    const { id, sagaId } = await wish(`Crash ${step} ${position}`);
    await expect(run(sagaId, crashAt(step, position))).rejects.toThrow(SimulatedCrash);
    await settles(id, 'ready');
    await demandOneKey(id);
    expect((await auditActions(studio, id)).filter((action) => action === 'project.provisioned')).toHaveLength(1);
  });

  it('at every place in turn still gets there', async () => {
    const { id, sagaId } = await wish('Crash everywhere');
    for (const [step, position] of places) {
      await run(sagaId, crashAt(step, position)).catch((error: unknown) => expect(error).toBeInstanceOf(SimulatedCrash));
      await leaseRunsOut(sagaId);
      studio.passTime(120_000);
    }
    await settles(id, 'ready');
    await demandOneKey(id);
  });

  it('leaves nothing behind on either side', async () => {
    await demandNoOrphans();
  });
});

describe('an Appwrite that misbehaves once', () => {
  const calls = [
    ['team', { method: 'POST', path: '/v1/teams' }],
    ['create', { method: 'POST', path: '/v1/organization/projects' }],
    ['users', { method: 'GET', path: '/v1/users' }],
    ['buckets', { method: 'GET', path: '/v1/storage/buckets' }],
    ['key', { method: 'POST', path: '/v1/project/keys' }],
    ['platform', { method: 'POST', path: '/v1/project/platforms/web' }],
  ] as const;
  const effects: [string, FaultInput['effect']][] = [
    ['a hang', { kind: 'hang' }],
    ['a cut before the effect', { kind: 'cut', when: 'before' }],
    ['a cut after the effect', { kind: 'cut', when: 'after' }],
    ['a limit', { kind: 'rate-limit', retryAfterSeconds: 0 }],
    ['a 500', { kind: 'server-error', as: 'json' }],
    ['a 500 as HTML', { kind: 'server-error', as: 'untyped-html' }],
    ['a slow answer', { kind: 'delay', ms: 200 }],
  ];
  const cases = calls.flatMap(([name, where]) => effects.map(([what, effect]) => [what, name, { ...where, effect, times: 1 }] as const));

  it.each(cases)('by %s at %s is waited out', async (what, name, fault) => {
    if (name === 'team') await studio.raw('update appwrite_teams set confirmed_at = null');
    faults().add(fault);
    const { id, sagaId } = await wish(`${what} at ${name}`);
    await run(sagaId);
    await settles(id, 'ready');
    expect(faults().list()[0]?.struck).toBeGreaterThan(0);
    await demandOneKey(id);
  });

  it('keeps the time that a limit asks for, and says why in plain words', async () => {
    faults().add({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'rate-limit', retryAfterSeconds: 90 }, times: 1 });
    const { id, sagaId } = await wish('Limited');
    await run(sagaId);
    const { steps: shown } = await getProvisioning(studio.owner.ctx, id);
    const create = shown.find(({ key }) => key === 'create');
    expect(create).toMatchObject({ state: 'retrying', attempt: 1, reason: 'Appwrite is busy and asked to wait. Studio tries again by itself.' });
    expect(Date.parse(create?.next_attempt_at ?? '') - Date.now()).toBeGreaterThan(85_000);
    const [job] = await studio.raw<{ wait: number }>(`select extract(epoch from run_at - now())::float8 as wait from graphile_worker._private_jobs where key = $1`, [`saga:${sagaId}`]);
    expect(job?.wait).toBeGreaterThan(85);
    await settles(id, 'ready');
  });
});

describe('a project that Appwrite made in part', () => {
  it('is given up for a new id, never shown as ready, and removed', async () => {
    faults().add({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'die-mid-create', tables: 4 }, times: 1 });
    const { id, sagaId } = await wish('Half made');
    await run(sagaId, async (step, position) => {
      if (step === 'health' && position === 'answered') expect((await getProject(studio.owner.ctx, id)).status).toBe('provisioning');
      if (step === 'health' && position === 'before') await studio.raw(`update saga_steps set started_at = started_at - interval '5 seconds' where saga_id = $1 and key = 'health'`, [sagaId]);
    });
    await settles(id, 'ready');
    const attempts = await studio.raw<{ attempt: number; state: string }>(
      `select attempt, state from appwrite_projects a join projects p on p.id = a.project_id where p.public_id = $1 order by attempt`, [id],
    );
    expect(attempts.map(({ attempt: number }) => number)).toEqual([1, 2]);
    expect(attempts[1]?.state).toBe('live');
    await demandOneKey(id);
    await demandNoOrphans();
  });

  it('is waited for when it becomes whole after all', async () => {
    const { id, sagaId } = await wish('Slow');
    faults().add({ method: 'GET', path: '/v1/storage/buckets', effect: { kind: 'server-error', as: 'json' }, times: 3 });
    await run(sagaId);
    await settles(id, 'ready');
    const [row] = await studio.raw<{ attempts: number }>(`select count(*)::int as attempts from appwrite_projects a join projects p on p.id = a.project_id where p.public_id = $1`, [id]);
    expect(row?.attempts).toBe(1);
  });

  it('is left alone when the id belongs to somebody else', async () => {
    const { id, sagaId } = await wish('Foreign');
    const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
    const [chosen] = await studio.raw<{ id: string }>(`select appwrite_project_id as id from appwrite_projects a join projects p on p.id = a.project_id where p.public_id = $1`, [id]);
    const foreign = { teamId: 'f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0', projectId: chosen?.id ?? '' };
    await admin.ensureTeam({ teamId: foreign.teamId, name: 'Somebody else' });
    await admin.createProject({ ...foreign, name: 'Not ours' });
    await run(sagaId);
    await settles(id, 'ready');
    expect((await admin.getProject(foreign)).name).toBe('Not ours');
    await demandOneKey(id);
    await admin.deleteProject(foreign);
  });
});

describe('what cannot be completed', () => {
  /** A route that the server does not know: no further attempt can help. */
  const refuseKeys = () => faults().add({ method: 'POST', path: '/v1/project/keys', effect: { kind: 'not-found-page' } });

  it('is taken back step by step, fails in plain words, and succeeds on retry under a new id', async () => {
    refuseKeys();
    const { id, sagaId } = await wish('Refused');
    await run(sagaId);
    const provisioning = await getProvisioning(studio.owner.ctx, id);
    expect(provisioning).toMatchObject({ status: 'failed', error: { message: expect.stringMatching(/version that Studio does not work with/) } });
    expect(provisioning.steps.map(({ key, state }) => [key, state])).toEqual([
      ['reserve', 'undone'], ['create', 'undone'], ['health', 'undone'], ['key', 'undone'], ['platform', 'waiting'], ['ready', 'waiting'],
    ]);
    await demandNoOrphans();
    faults().clear();
    expect(await Promise.all([1, 2, 3].map(() => attempt(retryProject(studio.owner.ctx, id))))).toEqual(['ok', 'ok', 'ok']);
    await settles(id, 'ready');
    expect(await auditActions(studio, id)).toEqual(['project.created', 'project.provisioning_failed', 'project.retried', 'project.provisioned']);
  });

  it.each(['key', 'health', 'create', 'reserve'].flatMap((step) => faultPositions.map((position) => [`undo-${step}`, position])))(
    'is taken back also when the worker dies at %s:%s', async (step, position) => {
      refuseKeys();
      const { id, sagaId } = await wish(`Undo ${step} ${position}`);
      await expect(run(sagaId, crashAt(step, position))).rejects.toThrow(SimulatedCrash);
      await settles(id, 'failed');
      await demandNoOrphans();
    },
  );

  it('is stuck after five attempts to take it back, waits for a person, and a retry completes it', async () => {
    refuseKeys();
    faults().add({ method: 'DELETE', path: '/v1/organization/projects/*', effect: { kind: 'server-error', as: 'json' } });
    const { id, sagaId } = await wish('Stuck');
    await run(sagaId);
    await settles(id, 'stuck');
    const deletions = faults().requests.filter(({ method, path, status }) => method === 'DELETE' && path.startsWith('/v1/organization/projects/') && status === 500);
    expect(deletions.length).toBeGreaterThanOrEqual(1);
    const [step] = await studio.raw<{ undo_attempt: number }>(`select undo_attempt from saga_steps where saga_id = $1 and key = 'create'`, [sagaId]);
    expect(step?.undo_attempt).toBe(5);
    faults().clear();
    await retryProject(studio.owner.ctx, id);
    await settles(id, 'ready');
    await demandNoOrphans();
  });

  it('gives up at the deadline instead of trying for ever', async () => {
    faults().add({ method: 'POST', path: '/v1/organization/projects', effect: { kind: 'server-error', as: 'json' } });
    const { id, sagaId } = await wish('Late');
    await studio.raw(`update sagas set deadline_at = now() - interval '1 second' where id = $1`, [sagaId]);
    await run(sagaId);
    await settles(id, 'failed');
  });

  it('waits for room without counting it as a failure', async () => {
    await studio.raw('update appwrite_instances set draining_since = now()');
    const { id, sagaId } = await wish('No room');
    await run(sagaId);
    const { steps: shown } = await getProvisioning(studio.owner.ctx, id);
    expect(shown[0]).toMatchObject({ state: 'retrying', reason: 'No Appwrite server has room right now. Studio keeps looking.' });
    await studio.raw('update appwrite_instances set draining_since = null');
    await settles(id, 'ready');
  });
});

describe('several workers', () => {
  it('share the work and do nothing twice', async () => {
    await studio.drain(quick);
    faults().clearRequests();
    const wishes = await Promise.all(Array.from({ length: 12 }, (_, number) => wish(`Parallel ${number}`)));
    const workers = await Promise.all([studio.worker(quick), studio.worker(quick), studio.worker(quick)]);
    try {
      // Every worker is also asked by hand for every saga, which the leases have to hold off.
      await Promise.all(wishes.flatMap(({ sagaId }) => [run(sagaId), run(sagaId)]));
      for (const { id } of wishes) await expect.poll(async () => (await getProject(studio.owner.ctx, id)).status, { timeout: 45_000 }).toBe('ready');
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
    // A busy machine may cut an answer short and ask again; what counts is what Appwrite did.
    const effects = (where: string) => faults().requests.filter(({ method, path, status }) => method === 'POST' && path === where && status === 201).length;
    expect([effects('/v1/organization/projects'), effects('/v1/project/keys'), effects('/v1/project/platforms/web')]).toEqual([12, 12, 12]);
  });

  it('do not write after their lease has passed to another one', async () => {
    const { id, sagaId } = await wish('Paused');
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const paused = run(sagaId, (step, position) => (step === 'create' && position === 'answered' ? asleep : Promise.resolve()));
    await sleep(300);
    await leaseRunsOut(sagaId);
    await run(sagaId);
    expect((await getProject(studio.owner.ctx, id)).status).toBe('ready');
    const before = await studio.raw('select * from saga_events where saga_id = $1 order by id', [sagaId]);
    wake();
    await paused;
    expect(await studio.raw('select * from saga_events where saga_id = $1 order by id', [sagaId])).toEqual(before);
    expect(studio.lines.some(({ message }) => message === 'another worker carries the saga on')).toBe(true);
    await demandOneKey(id);
  });
});
