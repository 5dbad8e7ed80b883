import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRailwayAccess } from '@/lib/adapters/railway/access';
import type { Ctx } from '@/lib/context';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { rollback } from '@/lib/deployments/repeat-deployment';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { sagaPlans } from '@/lib/sagas/start';
import { testStudio, type TestStudio } from '../support/context';
import { figure, proof } from '../support/figure';
import { startStudio, type RunningStudio } from '../support/studio';
import { waitFor } from '../support/wait-for';

let studio: TestStudio;
let processes: RunningStudio;
let ctx: Ctx;
let organization: { id: string; rowId: string };

beforeAll(async () => {
  const vaultKey = randomBytes(32);
  studio = await testStudio({ vaultKey });
  processes = await startStudio({
    servers: 0,
    workers: 0,
    env: { STUDIO_URL: 'http://127.0.0.1:1', STUDIO_ENCRYPTION_KEYS: `test:${vaultKey.toString('base64')}`, DATABASE_URL: studio.urls.appUrl, DATABASE_JOBS_URL: studio.urls.jobsUrl },
  });
  const railway = createRailwayAccess({ STUDIO_MODE: 'local', RAILWAY_API_URL: processes.railwayUrl, LOCAL_RAILWAY_TOKEN: 'local-railway-token-for-tests' });
  const owner = await studio.person();
  ctx = { ...owner.ctx, railway };
  organization = await studio.organization(owner);
  await studio.raw(`update subscriptions set plan_key = 'scale'`);
  await connectRailway(ctx, organization.id, { local: true });
});

afterAll(async () => {
  await processes?.stop();
  await studio?.close();
});

async function readyProject(name: string): Promise<string> {
  const worker = await processes.startWorker();
  const { id } = await createProject(ctx, { organization_id: organization.id, name });
  await waitFor(async () => (await getProject(ctx, id)).status === 'ready', { what: `${name} to be ready`, withinMs: 20_000 });
  await worker.stop();
  return id;
}

/** Lets a worker be killed at a place, and the next one carry on; nobody is told of a kill. */
async function killedAt(place: string, project: string, begin: () => Promise<{ id: string }>): Promise<DeploymentDetail> {
  const doomed = await processes.startWorker({ FAULT: place });
  const { id } = await begin();
  await doomed.ended;
  await studio.raw(`update sagas set leased_until = clock_timestamp() - interval '1 second' where leased_until is not null`);
  await studio.raw(`update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null`);
  const next = await processes.startWorker();
  const after = await ended(project, id);
  expect(await next.stop()).toBe(0);
  return after;
}

function ended(project: string, deployment: string): Promise<DeploymentDetail> {
  return waitFor(
    async () => {
      const seen = await getDeployment(ctx, project, deployment);
      return seen.finished_at !== null && seen;
    },
    { what: 'the deployment to end', withinMs: 60_000, everyMs: 100 },
  );
}

async function deploymentsAtRailway(project: string): Promise<number> {
  const [row] = await studio.raw<{ project: string; environment: string; service: string }>(
    `select r.railway_project_id as project, s.railway_environment_id as environment, s.railway_service_id as service from services s
       join railway_projects r on r.project_id = s.project_id join projects p on p.id = s.project_id where p.public_id = $1`,
    [project],
  );
  if (row === undefined) throw new Error('no service');
  const railway = ctx.railway.withToken(ctx.railway.localToken ?? '');
  expect((await railway.getProject(row.project)).services).toHaveLength(1);
  return (await railway.listDeployments({ projectId: row.project, environmentId: row.environment, serviceId: row.service, limit: 20 })).length;
}

describe('a worker process that is killed in the middle of a deployment', () => {
  // Each takes ten seconds: a whole proof kills at all of them, a test run at every third one.
  const chosen = sagaPlans.deploy.steps.filter((_, index) => proof.whole || (index + proof.seed) % 3 === 0);
  let survived = 0;

  it.each(chosen)('at %s, leaves an app that comes up once', async (step) => {
    const project = await readyProject(`Killed at ${step}`);
    const after = await killedAt(`${step}:sent`, project, () => createDeployment(ctx, project, { source: { kind: 'example' } }));
    expect([after.status, after.reason, after.live]).toEqual(['SUCCESS', null, true]);
    expect(await (await fetch(after.url ?? '')).text()).toContain('<h1>Notes</h1>');
    expect(await deploymentsAtRailway(project)).toBe(1);
    survived += 1;
  });

  it('while it goes back, goes back once', async () => {
    const project = await readyProject('Killed while going back');
    const worker = await processes.startWorker();
    const first = await ended(project, (await createDeployment(ctx, project, { source: { kind: 'example' } })).id);
    await ended(project, (await createDeployment(ctx, project, {})).id);
    await worker.stop();
    const after = await killedAt('roll-back:answered', project, () => rollback(ctx, project, first.id));
    expect([after.status, after.live]).toEqual(['SUCCESS', true]);
    expect(await deploymentsAtRailway(project)).toBe(3);
  });

  it('at any step, starts nothing twice', (context) => {
    const steps = chosen.length;
    figure(context, { requirements: ['P1', 'P5'], what: 'Steps of a deployment at which a worker process was killed (SIGKILL) with the call on its way', reached: `${survived} of ${steps} survived, with one deployment at Railway each`, bound: 'all', pass: survived === steps });
  });
});
