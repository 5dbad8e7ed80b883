import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { newAppwriteId } from '@/lib/kernel/ids';
import { createProject } from '@/lib/projects/create-project';
import { deleteProject } from '@/lib/projects/delete-project';
import { getProject } from '@/lib/projects/get-project';
import { reconcile, type ReconcileReport } from '@/lib/projects/reconcile/reconcile';
import { systemCtx } from '@/lib/projects/tasks';
import { figure } from '../support/figure';
import { appwriteIdOf, auditActions, readyProject, testProjects, type TestProjects } from './support';

let studio: TestProjects;
let admin: AppwriteAdmin;
let teamId: string;

beforeAll(async () => {
  studio = await testProjects();
  await readyProject(studio, 'First');
  admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  const [team] = await studio.raw<{ team_id: string }>('select team_id from appwrite_teams');
  teamId = team?.team_id ?? '';
});

afterEach(() => {
  studio.appwrite.standIn.faults.clear();
  studio.passTime(120_000);
});
afterAll(() => studio.close());

/** A run of the reconciler; `list` replaces what Appwrite's list of projects answers. */
async function run(list?: AppwriteAdmin['listProjects']): Promise<ReconcileReport> {
  const ctx = systemCtx(studio.ports, 'reconciler');
  if (list === undefined) return reconcile(ctx);
  const appwrite: Ctx['appwrite'] = {
    async byId(id) {
      const instance = await studio.ports.appwrite.byId(id);
      return { ...instance, admin: () => ({ ...instance.admin(), listProjects: list }) };
    },
  };
  return reconcile({ ...ctx, appwrite });
}

async function stray(): Promise<string> {
  return (await admin.createProject({ teamId, projectId: newAppwriteId(), name: 'Stray' })).id;
}

async function age(projectId: string, hours: number): Promise<void> {
  await studio.raw(`update appwrite_strays set first_seen_at = now() - $2 * interval '1 hour' where appwrite_project_id = $1`, [projectId, hours]);
}

async function exists(projectId: string): Promise<boolean> {
  return !(await admin.projectGone({ teamId, projectId }));
}

/** Deletes what a test left, so that the next one starts clean. */
async function forget(...ids: string[]): Promise<void> {
  for (const projectId of ids) await admin.deleteProject({ teamId, projectId });
  await studio.raw('delete from appwrite_strays');
}

describe('an Appwrite project that no attempt names', () => {
  it('is kept for a day, and then deleted', async () => {
    const id = await stray();
    expect((await run()).instances[0]).toMatchObject({ whole: true, strays: { found: 1, deleted: 0 } });
    await age(id, 23.9);
    expect((await run()).instances[0]?.strays).toMatchObject({ found: 1, deleted: 0 });
    expect(await exists(id)).toBe(true);
    await age(id, 24.1);
    expect((await run()).instances[0]?.strays).toMatchObject({ found: 1, deleted: 1 });
    expect(await exists(id)).toBe(false);
    await forget();
  });

  it('starts its day anew when it was known in between', async () => {
    const id = await stray();
    await run();
    await age(id, 30);
    await studio.raw(`update appwrite_strays set cleared_at = now() where appwrite_project_id = $1`, [id]);
    expect((await run()).instances[0]?.strays).toMatchObject({ found: 1, deleted: 0 });
    await forget(id);
  });

  it('is left alone in a team that is not ours', async () => {
    const other = { teamId: newAppwriteId(), projectId: newAppwriteId() };
    await admin.ensureTeam({ teamId: other.teamId, name: 'An operator of the server' });
    await admin.createProject({ ...other, name: 'Not ours' });
    expect((await run()).instances[0]?.strays).toMatchObject({ found: 0 });
    expect(await admin.projectGone(other)).toBe(false);
  });

  it('is deleted at most five at a time', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, stray));
    await run();
    for (const id of ids) await age(id, 48);
    expect((await run()).instances[0]?.strays).toMatchObject({ found: 7, deleted: 5 });
    expect((await run()).instances[0]?.strays).toMatchObject({ deleted: 2 });
    await forget();
  });
});

describe('a list that cannot be trusted', () => {
  const trials = { lists: 0, deletions: 0 };
  const remote = async () => (await admin.listProjects({ limit: 100 })).projects;

  it.each<[string, (real: Awaited<ReturnType<typeof remote>>) => AppwriteAdmin['listProjects']]>([
    ['is empty', () => () => Promise.resolve({ total: 0, projects: [] })],
    ['fails', () => () => Promise.reject(new Error('replaced below'))],
    ['has fewer projects than it counts', (real) => () => Promise.resolve({ total: real.length + 1, projects: real })],
    ['repeats a page for ever', (real) => () => Promise.resolve({ total: 1_000, projects: Array.from({ length: 100 }, () => real[0] ?? fail()) })],
  ])('because it %s deletes nothing', async (what, listOf) => {
    const id = await stray();
    await run();
    await age(id, 48);
    const before = (await remote()).length;
    if (what === 'fails') studio.appwrite.standIn.faults.add({ method: 'GET', path: '/v1/projects', effect: { kind: 'server-error', as: 'json' } });
    const report = await (what === 'fails' ? run() : run(listOf(await remote())));
    studio.appwrite.standIn.faults.clear();
    expect(report.instances[0]).toMatchObject({ whole: false, strays: { found: 0, deleted: 0 } });
    trials.lists += 1;
    trials.deletions += before - (await remote()).length;
    expect((await remote()).length).toBe(before);
    await forget(id);
  });

  it('because our own side shows nothing deletes nothing', async () => {
    const id = await stray();
    await run();
    await age(id, 48);
    const fake = [{ id, name: 'Stray', teamId, createdAt: new Date() }];
    expect((await run(() => Promise.resolve({ total: 1, projects: fake }))).instances[0]?.strays).toMatchObject({ found: 0, deleted: 0 });
    expect(await exists(id)).toBe(true);
    await forget(id);
  });

  it('of whatever kind deletes nothing', (context) => {
    const { lists, deletions } = trials;
    figure(context, { requirements: ['P8'], what: "Deletions on the word of a list of Appwrite's that is empty, cut short, repeated or failed", reached: `${deletions} for ${lists} lists`, bound: '0', pass: deletions === 0 && lists === 4 });
  });
});

describe('a project of ours that Appwrite lost', () => {
  it('is marked and shown, and the mark goes when it is well again', async () => {
    const project = await readyProject(studio, 'Sick');
    studio.appwrite.standIn.faults.add({ method: 'GET', path: '/v1/storage/buckets', effect: { kind: 'server-error', as: 'json' } });
    const report = await run();
    expect(report.instances[0]?.live.unhealthy).toBeGreaterThan(0);
    expect((await getProject(studio.owner.ctx, project.id)).unhealthy_since).not.toBeNull();
    studio.appwrite.standIn.faults.clear();
    await run();
    expect((await getProject(studio.owner.ctx, project.id)).unhealthy_since).toBeNull();
    expect(await auditActions(studio, project.id)).toEqual(['project.created', 'project.provisioned', 'project.unhealthy', 'project.recovered']);
  });

  it('is marked when it is not there at all', async () => {
    const project = await readyProject(studio, 'Vanished');
    await admin.deleteProject({ teamId, projectId: await appwriteIdOf(studio, project.id) });
    await run();
    const view = await getProject(studio.owner.ctx, project.id);
    expect(view).toMatchObject({ status: 'ready', unhealthy_since: expect.any(String) });
  });

  it('is not marked because the whole server is down', async () => {
    const project = await readyProject(studio, 'Innocent');
    studio.appwrite.standIn.faults.add({ path: '/v1/**', effect: { kind: 'server-error', as: 'untyped-html' } });
    await run();
    studio.appwrite.standIn.faults.clear();
    expect((await getProject(studio.owner.ctx, project.id)).unhealthy_since).toBeNull();
  });
});

describe('what got lost on our side', () => {
  it('a saga without a job is taken up again', async () => {
    const { id } = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: 'Lost job' });
    await studio.raw('delete from graphile_worker._private_jobs');
    await studio.raw(`update sagas set created_at = now() - interval '2 minutes' where state = 'running'`);
    expect((await run()).resumed).toBe(1);
    await studio.settle(async () => (await getProject(studio.owner.ctx, id)).status === 'ready');
    expect((await run()).resumed).toBe(0);
  });

  it('a saga whose job a worker took that stands still before it has begun is done by another', async () => {
    const { id } = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: 'Taken and left' });
    await studio.raw(`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'stands-still', attempts = 1`);
    await studio.raw(`update sagas set created_at = now() - interval '16 seconds' where state = 'running'`);
    expect((await run()).resumed).toBe(1);
    await studio.settle(async () => (await getProject(studio.owner.ctx, id)).status === 'ready');
    await studio.raw(`delete from graphile_worker._private_jobs where locked_by = 'stands-still'`);
  });

  it('a saga that waits for its turn keeps its place among the others', async () => {
    const name = (n: number) => ({ organization_id: studio.organization.id, name: `Queued ${n}` });
    const projects = [await createProject(studio.owner.ctx, name(1)), await createProject(studio.owner.ctx, name(2))];
    await studio.raw(`update sagas set created_at = now() - interval '16 seconds' where state = 'running' and project_id = (select id from projects where public_id = $1)`, [projects[0]?.id]);
    expect((await run()).resumed).toBe(1);
    const queue = await studio.raw(`select p.public_id as id from graphile_worker._private_jobs j join sagas s on 'saga:' || s.id = j.key join projects p on p.id = s.project_id where s.state = 'running' order by j.priority, j.run_at, j.id`);
    expect(queue).toEqual(projects.map(({ id }) => ({ id })));
    for (const { id } of projects) await studio.settle(async () => (await getProject(studio.owner.ctx, id)).status === 'ready');
  });

  it('a saga that waits for its time is not hurried', async () => {
    const { id } = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: 'Patient' });
    await studio.raw(`update sagas set created_at = now() - interval '1 hour' where state = 'running'`);
    await studio.raw(`update saga_steps set next_attempt_at = now() + interval '5 minutes' where saga_id in (select id from sagas where state = 'running') and key = 'reserve'`);
    expect((await run()).resumed).toBe(0);
    await studio.settle(async () => (await getProject(studio.owner.ctx, id)).status === 'ready');
  });

  it('a silencing that got stuck is started again', async () => {
    const project = await readyProject(studio, 'Loud');
    await deleteProject(studio.owner.ctx, project.id, { confirm_name: 'Loud' });
    await studio.raw(`update sagas set state = 'stuck', finished_at = now() - interval '1 hour' where kind = 'silence' and state = 'running'`);
    expect((await run()).restarted).toBe(1);
    await studio.drain();
    const [key] = (await admin.listKeys(await appwriteIdOf(studio, project.id))).map(({ scopes }) => scopes);
    expect(key).toEqual([]);
    expect((await run()).restarted).toBe(0);
  });

  it('a removal whose job gave up is asked for again', async () => {
    const project = await readyProject(studio, 'Leftover');
    const appwriteId = await appwriteIdOf(studio, project.id);
    await studio.raw(`update appwrite_projects set state = 'abandoned', abandoned_at = now() - interval '1 hour' where appwrite_project_id = $1`, [appwriteId]);
    expect((await run()).leftovers.attempts).toBe(1);
    await studio.settle(async () => {
      const [row] = await studio.raw<{ state: string }>('select state from appwrite_projects where appwrite_project_id = $1', [appwriteId]);
      return row?.state === 'deleted';
    });
    expect(await exists(appwriteId)).toBe(false);
  });

  it('a counter that drifted is set right', async () => {
    const [before] = await studio.raw<{ placed: number }>('select placed from appwrite_instances');
    await studio.raw('update appwrite_instances set placed = placed + 7');
    expect((await run()).recounted).toBe(1);
    expect(await studio.raw('select placed from appwrite_instances')).toEqual([before]);
    expect((await run()).recounted).toBe(0);
  });
});

function fail(): never {
  throw new Error('there is no project to show');
}
