import type { Runner } from 'graphile-worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { deploymentSagas } from '@/lib/deployments/sagas';
import { deploymentTasks } from '@/lib/deployments/tasks';
import { projectSagas } from '@/lib/projects/sagas';
import { projectTasks } from '@/lib/projects/tasks';
import { app, testDeployments, type TestDeployments } from '../deployments/support/studio';
import { TOKEN } from '../local-cloud/railway/support';
import { figure } from '../support/figure';
import { matrixAnswer, matrixRepository, quiet, setScene, type Scene } from './matrix/deployment-beginnings';
import { adrift, foundIn, inspectDeployments, type DeploymentViolations } from './matrix/deployment-invariants';
import { rowsOf, worldOf, type World } from './matrix/deployment-world';
import { startSwitchedRunner } from './matrix/task-switch';

let studio: TestDeployments;
let world: World;
let runner: Runner;
let scene: Scene;
let up: string;
const found = new Set<string>();

beforeAll(async () => {
  studio = await testDeployments({ isolate: false });
  await studio.cloud.push(matrixRepository, app(matrixAnswer));
  world = worldOf(studio);
  runner = await startSwitchedRunner(new Map(), { jobsUrl: studio.urls.jobsUrl, standard: { ...projectTasks(studio.ports, { sagas: { ...projectSagas, ...deploymentSagas } }), ...deploymentTasks(studio.ports) }, concurrency: 4 });
  const organization = await studio.newOrganization(studio.owner, 'Looked at');
  await connectRailway(studio.owner.ctx, organization.id, { token: TOKEN });
  scene = await setScene(world.hands, { kind: 'remove-service', rotated: false }, { organization, name: 'Looked at' });
  up = (await rowsOf(world, scene)).at(-1)?.id ?? '';
});

afterAll(async () => {
  await runner?.stop();
  await studio?.close();
});

type Seen = Partial<DeploymentViolations> & { adrift?: string[] };

/** As a matrix looks when everything is done. */
async function look(): Promise<Seen> {
  const unknown = await adrift(world, scene);
  return { ...foundIn(await inspectDeployments(world, scene, { up, atRailway: { least: 1, most: 1 }, counted: 1 })), ...(unknown.length > 0 ? { adrift: unknown } : {}) };
}

interface Harm {
  kind: keyof Seen;
  what: string;
  /** Statements on the rows of the organization, which is `$1`. */
  harm: string;
  undo: string;
}

const ofOrganization = 'organization_id = $1';
const status = (to: string) => `update deployments set ${to} where ${ofOrganization}`;

const harms: Harm[] = [
  { kind: 'misplaced', what: 'an app that is there and noted as removed', harm: `update services set removed_at = now() where ${ofOrganization}`, undo: `update services set removed_at = null where ${ofOrganization}` },
  { kind: 'orphans', what: 'a deployment at Railway that no row knows', harm: status(`railway_deployment_id = 'x' || railway_deployment_id`), undo: status(`railway_deployment_id = substr(railway_deployment_id, 2)`) },
  { kind: 'adrift', what: 'one that nobody asked about', harm: status(`railway_deployment_id = 'x' || railway_deployment_id`), undo: status(`railway_deployment_id = substr(railway_deployment_id, 2)`) },
  { kind: 'adrift', what: 'an app with a key that is not noted', harm: `update appwrite_keys set last_four = reverse(last_four) || 'z' where ${ofOrganization}`, undo: `update appwrite_keys set last_four = reverse(left(last_four, -1)) where ${ofOrganization}` },
  { kind: 'disagreeing', what: 'a state that is none to rest in', harm: status(`status = 'BUILDING'`), undo: status(`status = 'SUCCESS'`) },
  { kind: 'disagreeing', what: 'another state than that at Railway', harm: status(`status = 'CRASHED'`), undo: status(`status = 'SUCCESS'`) },
  { kind: 'wronglyLive', what: 'a deployment that is up and not called so', harm: status(`status = 'CRASHED'`), undo: status(`status = 'SUCCESS'`) },
  { kind: 'unexplained', what: 'a failure without a reason', harm: status(`status = 'FAILED', reason = null`), undo: status(`status = 'SUCCESS'`) },
  { kind: 'unfinished', what: 'a lease that nobody gave back', harm: `update sagas set leased_until = now() where ${ofOrganization}`, undo: `update sagas set leased_until = null where ${ofOrganization}` },
  { kind: 'unfinished', what: 'a step of a saga that is done', harm: `update saga_steps set state = 'running' where ${ofOrganization} and state = 'done'`, undo: `update saga_steps set state = 'done' where ${ofOrganization} and state = 'running'` },
  { kind: 'misreported', what: 'an end that nobody was told of', harm: `update audit_logs set action = 'deployment.failed' where ${ofOrganization} and action = 'deployment.succeeded'`, undo: `update audit_logs set action = 'deployment.succeeded' where ${ofOrganization} and action = 'deployment.failed'` },
  { kind: 'miscounted', what: 'a deployment that the plan does not count', harm: status(`created_at = created_at - interval '2 months'`), undo: status(`created_at = created_at + interval '2 months'`) },
];

describe('the invariants of deployments', () => {
  it('hold where nothing is wrong', async () => {
    expect(await look()).toEqual({});
  });

  it.each(harms)('see $what', async ({ kind, what, harm, undo }) => {
    await studio.raw(harm, [scene.organization.rowId]);
    const seen = await look();
    await studio.raw(undo, [scene.organization.rowId]);
    expect(seen[kind]).not.toBeUndefined();
    expect(await look()).toEqual({});
    found.add(what);
  });

  it('see one deployment too many', async () => {
    await createDeployment(world.hands.ctx, scene.project, { environment: scene.environment });
    await quiet(world.hands, scene.organization.rowId);
    expect((await look()).miscarried).toEqual(['2 deployments are at Railway, and 1 to 1 were asked for']);
    found.add('one too many');
  });

  it('see everything that was seeded', (context) => {
    const kinds = new Set(['miscarried', ...harms.map(({ kind }) => kind)]);
    const all = harms.length + 1;
    figure(context, { requirements: ['P1', 'P3', 'P5'], what: 'Seeded violations that the invariants of deployments find', reached: `${found.size} of ${all}, of ${kinds.size} kinds`, bound: 'all', pass: found.size === all && kinds.size === 10 });
  });
});
