import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelDeployment } from '@/lib/deployments/act-on-deployment';
import { countDeployments } from '@/lib/deployments/count-deployments';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { createHook } from '@/lib/deployments/hook/create-hook';
import { hearHook } from '@/lib/deployments/hook/hear-hook';
import type { RailwayDeployment } from '@/lib/adapters/railway/port';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { recordListed } from '@/lib/deployments/record-listed';
import { refreshService, refreshStale } from '@/lib/deployments/refresh-deployments';
import { rollback } from '@/lib/deployments/repeat-deployment';
import type { Status } from '@/lib/deployments/schemas';
import { lockServiceById } from '@/lib/deployments/service/stored-service';
import { within } from '@/lib/identity/access/within';
import { systemCtx } from '@/lib/projects/tasks';
import { TOKEN } from '../local-cloud/railway/support';
import { auditActions } from '../projects/support';
import { app, testDeployments, type TestDeployments } from './support/studio';

const source = { kind: 'repository', repository: 'acme/shop' };
const slow = { kind: 'repository', repository: 'acme/slow', build_command: 'sleep 8' };

let studio: TestDeployments;

beforeAll(async () => {
  studio = await testDeployments();
  await studio.cloud.push('acme/slow', app('"slow"'));
});

afterAll(() => studio.close());

const detail = (project: string, deployment: string) => getDeployment(studio.owner.ctx, project, deployment);

/** Runs jobs until the deployment is in a state. */
async function reaches(project: string, deployment: string, wanted: Status): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const { status } = await detail(project, deployment);
    if (status === wanted) return;
    // Not waited for: a run of the saga goes on while the app is being built.
    void studio.drain().catch(() => undefined);
    await sleep(100);
  }
  throw new Error(`the deployment has not become ${wanted}`);
}

interface Place {
  id: string;
  at: { projectId: string; environmentId: string; serviceId: string };
}

async function place(project: string): Promise<Place> {
  const [row] = await studio.raw<{ id: string; project: string; environment: string; service: string }>(
    `select s.id, r.railway_project_id as project, s.railway_environment_id as environment, s.railway_service_id as service
       from services s join railway_projects r on r.project_id = s.project_id join projects p on p.id = s.project_id where p.public_id = $1`,
    [project],
  );
  if (row === undefined) throw new Error('no service');
  return { id: row.id, at: { projectId: row.project, environmentId: row.environment, serviceId: row.service } };
}

describe('a build that takes its time', () => {
  it('is one attempt, however often it is looked at, and says what is waited for', async () => {
    const project = await studio.newProject('Slow');
    const { id } = await createDeployment(studio.owner.ctx, project, { source: slow });
    await reaches(project, id, 'BUILDING');
    expect((await detail(project, id)).steps.at(-1)).toMatchObject({ key: 'follow', state: 'running', attempt: 1, reason: 'Railway is building it.' });
    const up = await studio.ended(project, id);
    expect(up).toMatchObject({ status: 'SUCCESS', live: true });
    expect(up.steps.at(-1)).toMatchObject({ state: 'done', attempt: 1, reason: null });
    const events = await studio.raw<{ kind: string }>(`select e.kind from saga_events e join projects p on p.id = e.project_id where p.public_id = $1 and e.step_key = 'follow' order by e.id`, [project]);
    expect(events.map(({ kind }) => kind)).not.toContain('retrying');
  }, 60_000);
});

describe('a call of Railway', () => {
  const runAt = async (sagaId: string) => (await studio.raw<{ at: Date }>('select run_at as at from graphile_worker._private_jobs where key = $1', [`saga:${sagaId}`]))[0]?.at ?? new Date(0);

  it('makes the saga look that waits for the next look, and none that was told to wait', async () => {
    const project = await studio.newProject('Nudged');
    const { id } = await createDeployment(studio.owner.ctx, project, { source: slow });
    const waiting = () => studio.raw<{ saga: string }>(`select t.saga_id as saga from saga_steps t join sagas g on g.id = t.saga_id join projects p on p.id = g.project_id where p.public_id = $1 and t.next_attempt_at is not null and g.leased_until is null`, [project]);
    for (let round = 0; round < 200 && (await waiting()).length === 0; round += 1) await Promise.all([studio.drain(), sleep(50)]);
    const [{ saga } = { saga: '' }] = await waiting();
    const { url } = await createHook(studio.owner.ctx, project);
    const call = () => hearHook(systemCtx(studio.ports, 'reconciler'), url.slice(url.lastIndexOf('/') + 1));
    expect((await runAt(saga)).getTime()).toBeGreaterThan(Date.now());
    expect(await call()).toBe(true);
    expect((await runAt(saga)).getTime()).toBeLessThanOrEqual(Date.now());

    await studio.raw(`update saga_steps set state = 'retrying' where saga_id = $1 and state = 'running'`, [saga]);
    await studio.raw(`update graphile_worker._private_jobs set run_at = now() + interval '1 minute' where key = $1`, [`saga:${saga}`]);
    expect(await call()).toBe(true);
    expect((await runAt(saga)).getTime()).toBeGreaterThan(Date.now() + 30_000);
    expect((await studio.ended(project, id)).status).toBe('SUCCESS');
  }, 60_000);
});

describe('a deployment that is cancelled', () => {
  it('before Railway has it never gets there, and the next one does', async () => {
    const project = await studio.newProject('Hasty');
    const { id } = await createDeployment(studio.owner.ctx, project, { source });
    expect(await cancelDeployment(studio.owner.ctx, project, id)).toMatchObject({ status: 'PREPARING', cancelling: true, can: { cancel: false } });
    await expect(cancelDeployment(studio.owner.ctx, project, id)).rejects.toThrow('Only a deployment that is on its way can be cancelled.');
    const after = await studio.ended(project, id);
    expect(after).toMatchObject({ status: 'REMOVED', cancelling: false, live: false, reason: 'It was cancelled before it was up.' });
    expect(await studio.raw('select 1 from deployments d join projects p on p.id = d.project_id where p.public_id = $1 and d.railway_deployment_id is not null', [project])).toEqual([]);
    expect(await auditActions(studio, id)).toEqual(['deployment.created', 'deployment.cancel_requested', 'deployment.cancelled']);
    expect(await studio.ended(project, (await createDeployment(studio.owner.ctx, project, {})).id)).toMatchObject({ number: 2, status: 'SUCCESS', live: true });
  });

  it.each([
    ['at once', 'none'],
    ['by its saga when the call fails', 'server-error'],
  ] as const)('while it is built ends at Railway %s, and what served before serves on', async (_, effect) => {
    const project = await studio.newProject(`Regretted ${effect}`);
    const first = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    const { id } = await createDeployment(studio.owner.ctx, project, { source: slow });
    await reaches(project, id, 'BUILDING');
    // The client of the adapter repeats a call on its own.
    if (effect === 'server-error') studio.cloud.faults.add({ operation: 'deploymentCancel', effect: { kind: effect }, times: 1 });
    await cancelDeployment(studio.owner.ctx, project, id);
    const after = await studio.ended(project, id);
    expect(after).toMatchObject({ status: 'REMOVED', reason: 'It was cancelled before it was up.' });
    expect(await detail(project, first.id)).toMatchObject({ live: true });
    expect(await (await fetch(first.url ?? '')).text()).toBe('no greeting');
  }, 60_000);
});

describe('a deployment that begins at Railway itself', () => {
  it('takes its place in the list, with the key that it runs with, and counts for no plan', async () => {
    const project = await studio.newProject('Pushed');
    const first = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    const { id, at } = await place(project);
    const railway = studio.owner.ctx.railway.withToken(TOKEN);
    const pushed = await railway.deploy(at, { commit: null });
    const look = () => refreshService(systemCtx(studio.ports, 'reconciler'), studio.organization.rowId, id);
    const newest = async () => (await listDeployments(studio.owner.ctx, project)).data[0];
    for (let round = 0; round < 200 && !((await newest())?.kind === 'external' && (await newest())?.live); round += 1) {
      await look();
      await sleep(50);
    }
    const found = await newest();
    expect(found).toMatchObject({ number: 2, kind: 'external', status: 'SUCCESS', live: true, created_by: null, manifest_version: first.manifest_version, source: 'acme/shop' });
    await look();
    expect((await listDeployments(studio.owner.ctx, project)).data.map(({ kind }) => kind)).toEqual(['external', 'deploy']);
    expect((await detail(project, first.id)).live).toBe(false);
    const keys = await studio.raw<{ key: string | null; railway: string }>('select d.appwrite_key_row_id as key, d.railway_deployment_id as railway from deployments d join projects p on p.id = d.project_id where p.public_id = $1 order by number', [project]);
    expect(keys[1]).toEqual({ key: keys[0]?.key, railway: pushed });
    expect(keys[0]?.key).not.toBeNull();
    expect((await auditActions(studio, found?.id ?? '')).toSorted()).toEqual(['deployment.succeeded']);
    const counted = () => within(studio.owner.ctx, { organization: studio.organization.id }, 'project:read', (tx, { organizationId }) => countDeployments(tx, organizationId));
    const before = await counted();
    const back = await studio.ended(project, (await rollback(studio.owner.ctx, project, first.id)).id);
    expect([back.status, back.number, await counted()]).toEqual(['SUCCESS', 3, before + 1]);
  }, 60_000);

  it('is looked for when the clock asks for it, which is refused to nobody', async () => {
    const project = await studio.newProject('Looked for');
    await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    const { id } = await place(project);
    const asked = () => studio.raw(`select 1 from graphile_worker._private_jobs where key = $1`, [`refresh:${id}`]);
    await studio.raw(`update deployments set seen_at = now() where service_id <> $1`, [id]);
    expect([await refreshStale(systemCtx(studio.ports, 'reconciler')), await asked()]).toEqual([0, []]);
    await studio.raw(`update deployments set seen_at = now() - interval '6 minutes' where service_id = $1`, [id]);
    expect(await refreshStale(systemCtx(studio.ports, 'reconciler'))).toBe(1);
    expect(await asked()).toHaveLength(1);
    expect(await studio.raw(`select action from audit_logs where actor_kind = 'system' and outcome = 'denied'`)).toEqual([]);
  });

  it('can be cancelled', async () => {
    const project = await studio.newProject('Pushed too soon');
    await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source: slow })).id);
    const { id, at } = await place(project);
    await studio.owner.ctx.railway.withToken(TOKEN).deploy(at, { commit: null });
    await refreshService(systemCtx(studio.ports, 'reconciler'), studio.organization.rowId, id);
    const [found] = (await listDeployments(studio.owner.ctx, project)).data;
    expect(found).toMatchObject({ kind: 'external', can: { cancel: true } });
    await cancelDeployment(studio.owner.ctx, project, found?.id ?? '');
    for (let round = 0; round < 100 && (await detail(project, found?.id ?? '')).status !== 'REMOVED'; round += 1) {
      await refreshService(systemCtx(studio.ports, 'reconciler'), studio.organization.rowId, id);
      await sleep(50);
    }
    expect(await detail(project, found?.id ?? '')).toMatchObject({ cancelling: false, reason: 'It was cancelled before it was up.' });
    await refreshService(systemCtx(studio.ports, 'reconciler'), studio.organization.rowId, id);
    expect(await auditActions(studio, found?.id ?? '')).toEqual(['deployment.cancel_requested', 'deployment.cancelled']);
  }, 60_000);

  it('long ago is history: nobody is told of its end, and it never stands before what began later', async () => {
    const project = await studio.newProject('Late to hear');
    const own = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    const { id } = await place(project);
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    const listed = (name: string, status: RailwayDeployment['status'], days: number): RailwayDeployment => ({
      id: `${project} ${name}`, status, createdAt: daysAgo(days), statusUpdatedAt: daysAgo(days), url: null, canRedeploy: true, canRollback: true, stopped: false, commit: null,
    });
    const { organizationId } = await within(systemCtx(studio.ports, 'reconciler'), { organizationId: studio.organization.rowId }, 'deployment:write', async (tx, access) => {
      const service = await lockServiceById(tx, access.organizationId, id);
      await recordListed(studio.owner.ctx, tx, { organizationId: access.organizationId, service, deployments: [listed('up', 'SUCCESS', 1), listed('down', 'FAILED', 2)] });
      return access;
    });
    expect(organizationId).toBe(studio.organization.rowId);
    const { data } = await listDeployments(studio.owner.ctx, project);
    expect(data.map(({ kind, status, live }) => `${kind} ${status} ${live}`)).toEqual(['deploy SUCCESS true', 'external SUCCESS false', 'external FAILED false']);
    expect(data.at(-1)?.finished_at).toBe(daysAgo(2).toISOString().slice(0, 10) + (data.at(-1)?.finished_at ?? '').slice(10));
    for (const old of data.slice(1)) expect(await auditActions(studio, old.id)).toEqual([]);
    expect(own.live).toBe(true);
  });
});
