import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tokenPlace } from '@/lib/deployments/connection/stored-connection';
import { getRailway } from '@/lib/deployments/connection/get-railway';
import { cancelDeployment } from '@/lib/deployments/act-on-deployment';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { refreshService } from '@/lib/deployments/refresh-deployments';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { rollback } from '@/lib/deployments/repeat-deployment';
import { deploymentSagas as sagas } from '@/lib/deployments/sagas';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { within } from '@/lib/identity/access/within';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { faultPositions, SimulatedCrash, type FaultHook } from '@/lib/sagas/fault';
import { runSaga } from '@/lib/sagas/run';
import { sagaPlans } from '@/lib/sagas/start';
import { systemCtx } from '@/lib/projects/tasks';
import { proof } from '../support/figure';
import { waitFor } from '../support/wait-for';
import { TOKEN } from '../local-cloud/railway/support';
import { testDeployments, type TestDeployments } from './support/studio';

const source = { kind: 'repository', repository: 'acme/shop', branch: 'main' };
const quick = { backoff: () => 10 };

let studio: TestDeployments;

beforeAll(async () => {
  studio = await testDeployments();
});
afterEach(() => {
  studio.cloud.faults.clear();
});
afterAll(() => studio.close());

async function openSaga(deployment: string): Promise<string> {
  const [row] = await studio.raw<{ id: string }>(`select s.id from sagas s join deployments d on d.id = (s.input->>'deployment_id')::uuid where d.public_id = $1`, [deployment]);
  return row?.id ?? '';
}

const run = (sagaId: string, hook: FaultHook) => runSaga(systemCtx(studio.ports, 'provisioning'), studio.organization.rowId, sagaId, { ...quick, sagas, faults: hook });

/** Ends the run at that place, as a kill would: nothing after it is done or written. */
const crashAt = (step: string, position: string): FaultHook => (atStep, atPosition) =>
  atStep === step && atPosition === position ? Promise.reject(new SimulatedCrash(`${step}:${position}`)) : Promise.resolve();

async function leaseRunsOut(sagaId: string): Promise<void> {
  await studio.raw(`update sagas set leased_until = clock_timestamp() - interval '1 second' where id = $1 and leased_until is not null`, [sagaId]);
}

/** What the next worker makes of it, once the lease of the dead one has run out. */
async function nextWorker(project: string, deployment: string): Promise<DeploymentDetail> {
  await leaseRunsOut(await openSaga(deployment));
  return studio.ended(project, deployment, quick);
}

const projectList = z.object({ edges: z.array(z.object({ node: z.object({ name: z.string() }) })) });

interface AtRailway {
  projects: number;
  services: number;
  deployments: number;
}

/** What Railway has of a project by the name that was kept for it. */
async function atRailway(project: string): Promise<AtRailway> {
  const railway = studio.owner.ctx.railway.withToken(TOKEN);
  const [kept] = await studio.raw<{ name: string; workspace_id: string; railway_project_id: string; railway_environment_id: string; railway_service_id: string }>(
    `select r.name, r.workspace_id, r.railway_project_id, s.railway_environment_id, s.railway_service_id from railway_projects r
       join projects p on p.id = r.project_id join services s on s.project_id = p.id where p.public_id = $1`,
    [project],
  );
  if (kept === undefined) throw new Error('nothing was kept');
  const { edges } = await studio.cloud.ask(projectList, 'query($w: String) { projects(workspaceId: $w, first: 200) { edges { node { name } } } }', { w: kept.workspace_id });
  const projects = edges.filter(({ node }) => node.name === kept.name).length;
  const { services } = await railway.getProject(kept.railway_project_id);
  const deployments = await railway.listDeployments({ projectId: kept.railway_project_id, environmentId: kept.railway_environment_id, serviceId: kept.railway_service_id, limit: 50 });
  return { projects, services: services.length, deployments: deployments.length };
}

describe('a worker that dies', () => {
  const all = sagaPlans.deploy.steps.flatMap((step) => faultPositions.map((position) => [step, position] as const));
  // Each takes seconds: every step at another position. The matrix of a proof strikes them all.
  const places = all.filter((_, index) => (index + Math.floor(index / faultPositions.length) + proof.seed) % faultPositions.length === 0);

  it.each(places)('while it deploys, at %s:%s, leaves a saga that the next one completes, once', async (step, position) => {
    const project = await studio.newProject(`Crash ${step} ${position}`);
    const { id } = await createDeployment(studio.owner.ctx, project, { source });
    await expect(run(await openSaga(id), crashAt(step, position))).rejects.toThrow(SimulatedCrash);
    const after = await nextWorker(project, id);
    expect([after.status, after.reason, after.live]).toEqual(['SUCCESS', null, true]);
    expect(await atRailway(project)).toEqual({ projects: 1, services: 1, deployments: 1 });
    expect(await (await fetch(after.url ?? '')).text()).toBe('no greeting');
  });

  it.each(faultPositions)('while it goes back, at roll-back:%s, goes back once', async (position) => {
    const project = await studio.newProject(`Back ${position}`);
    const first = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id, quick);
    await studio.ended(project, (await createDeployment(studio.owner.ctx, project, {})).id, quick);
    const { id } = await rollback(studio.owner.ctx, project, first.id);
    await run(await openSaga(id), crashAt('roll-back', position)).catch((error: unknown) => expect(error).toBeInstanceOf(SimulatedCrash));
    const after = await nextWorker(project, id);
    expect([after.status, after.live, after.kind]).toEqual(['SUCCESS', true, 'rollback']);
    expect((await atRailway(project)).deployments).toBe(3);
  });
});

describe('a deployment that is cancelled after a worker died', () => {
  it.each([
    ['deploy', 'answered', 1],
    ['deploy', 'before', 0],
    ['configure', 'before', 0],
  ] as const)('at %s:%s leaves nothing that goes live', async (step, position, begun) => {
    const project = await studio.newProject(`Cancelled ${step} ${position}`);
    const { id } = await createDeployment(studio.owner.ctx, project, { source });
    const sagaId = await openSaga(id);
    await expect(run(sagaId, crashAt(step, position))).rejects.toThrow(SimulatedCrash);
    await cancelDeployment(studio.owner.ctx, project, id);
    expect(await nextWorker(project, id)).toMatchObject({ status: 'REMOVED', live: false, reason: 'It was cancelled before it was up.' });
    expect((await atRailway(project)).deployments).toBe(begun);
    const [service] = await studio.raw<{ id: string }>('select s.id from services s join projects p on p.id = s.project_id where p.public_id = $1', [project]);
    await refreshService(systemCtx(studio.ports, 'reconciler'), studio.organization.rowId, service?.id ?? '');
    expect((await listDeployments(studio.owner.ctx, project)).data.map(({ kind, status }) => `${kind} ${status}`)).toEqual(['deploy REMOVED']);
  }, 60_000);
});

it('that came up before it could be cancelled is up, and whoever wanted it to end is told', async () => {
  const project = await studio.newProject('Too late');
  const { id } = await createDeployment(studio.owner.ctx, project, { source });
  await expect(run(await openSaga(id), crashAt('follow', 'before'))).rejects.toThrow(SimulatedCrash);
  const [row] = await studio.raw<{ railway: string }>('select railway_deployment_id as railway from deployments where public_id = $1', [id]);
  const railway = studio.owner.ctx.railway.withToken(TOKEN);
  await waitFor(async () => (await railway.getDeployment(row?.railway ?? '')).status === 'SUCCESS', { what: 'the app' });
  await expect(cancelDeployment(studio.owner.ctx, project, id)).rejects.toThrow('too late');
  expect(await nextWorker(project, id)).toMatchObject({ status: 'SUCCESS', live: true, cancelling: false });
});

describe('an answer that is lost', () => {
  it.each(['projectCreate', 'serviceCreate', 'variableCollectionUpsert', 'serviceInstanceUpdate', 'serviceDomainCreate', 'serviceConnect', 'serviceInstanceDeployV2'])(
    'to %s makes nothing twice',
    async (operation) => {
      const project = await studio.newProject(`Lost ${operation}`);
      studio.cloud.faults.add({ operation, effect: { kind: 'cut', when: 'after' }, times: 1 });
      const after = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id, quick);
      expect([after.status, after.reason]).toEqual(['SUCCESS', null]);
      expect(await atRailway(project)).toEqual({ projects: 1, services: 1, deployments: 1 });
    },
  );
});

it('of two environments that are deployed side by side for the first time, one makes the project at Railway', async () => {
  const project = await studio.newProject('Side by side');
  await createEnvironment(studio.owner.ctx, project, { name: 'staging' });
  const production = await createDeployment(studio.owner.ctx, project, { source });
  const staging = await createDeployment(studio.owner.ctx, project, { source, environment: 'staging' });
  // Both have looked before either has made anything.
  let [waiting, meet]: [number, () => void] = [2, () => undefined];
  const met = new Promise<void>((resolve) => { meet = resolve; });
  const together: FaultHook = (step, position) => {
    if (step !== 'target' || position !== 'before') return Promise.resolve();
    if (--waiting === 0) meet();
    return met;
  };
  await Promise.all([production, staging].map(async ({ id }) => run(await openSaga(id), together)));
  for (const { id } of [production, staging]) expect(await studio.ended(project, id, quick)).toMatchObject({ status: 'SUCCESS', live: true });
  expect((await atRailway(project)).projects).toBe(1);
});

describe('what Railway answers', () => {
  it('is waited for when it asks to wait, and tried again when it fails', async () => {
    const project = await studio.newProject('Busy');
    studio.cloud.faults.add({ operation: 'serviceCreate', effect: { kind: 'rate-limit', retryAfterSeconds: 1 }, times: 1 });
    studio.cloud.faults.add({ operation: 'serviceInstanceDeployV2', effect: { kind: 'server-error' }, times: 2 });
    const after = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id, quick);
    expect(after.status).toBe('SUCCESS');
    expect(await atRailway(project)).toEqual({ projects: 1, services: 1, deployments: 1 });
  });

  it('ends a deployment of an app that crashes again and again, and names its log', async () => {
    const project = await studio.newProject('Crashing');
    studio.cloud.faults.configure({ crashLoop: true });
    const after = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id, quick);
    expect(after.status).toMatch(/^(CRASHED|FAILED)$/);
    expect(after.reason).toMatch(/log/);
    expect((await getDeployment(studio.owner.ctx, project, after.id)).live).toBe(false);
  });

  it('about a token that was taken back is told in words, and nothing is tried again', async () => {
    const project = await studio.newProject('Refused');
    await within(studio.owner.ctx, { organization: studio.organization.id }, 'railway:manage', async (tx, { organizationId }) => {
      const [row] = await tx.query<{ id: string }>('select id from railway_connections where organization_id = $1', [organizationId]);
      const sealed = await studio.owner.ctx.vault.seal(tx, organizationId, tokenPlace(row?.id ?? ''), 'a token that Railway has forgotten');
      await tx.query('update railway_connections set sealed_token = $2 where organization_id = $1', [organizationId, sealed]);
    });
    const after = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id, quick);
    expect([after.status, after.steps[0]?.attempt]).toEqual(['FAILED', 1]);
    expect(after.reason).toMatch(/Connect Railway again/);
    expect((await getRailway(studio.owner.ctx, studio.organization.id)).connection?.refused_since).not.toBeNull();
  });
});
