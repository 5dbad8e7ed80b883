import { createRailways } from '@/lib/adapters/railway/graphql/railways';
import type { Ports } from '@/lib/context';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { removeService } from '@/lib/deployments/service/remove-service';
import { deploymentSagas } from '@/lib/deployments/sagas';
import { deploymentTasks } from '@/lib/deployments/tasks';
import { projectSagas } from '@/lib/projects/sagas';
import { projectTasks } from '@/lib/projects/tasks';
import { SimulatedCrash, type FaultHook } from '@/lib/sagas/fault';
import type { TestDeployments } from '../../deployments/support/studio';
import { TOKEN } from '../../local-cloud/railway/support';
import type { Hands } from './beginnings';
import { begin, minutesPass, quiet, setScene, type Scene } from './deployment-beginnings';
import { adrift, foundIn, inspectDeployments, type DeploymentViolations, type Expected } from './deployment-invariants';
import { mayFail, titleOfDeployment, type DeploymentScenario } from './deployment-scenarios';
import type { World } from './deployment-world';
import type { InBetween } from './in-between';
import type { Lane } from './lane';
import { armFor } from './strike';
import type { TaskSwitch } from './task-switch';

interface Stage {
  studio: TestDeployments;
  world: World;
  between: InBetween;
  tasks: TaskSwitch;
}

export interface DeploymentOutcome {
  scenario: DeploymentScenario;
  /** False when nothing was left to be struck, as behind the last call of a saga. */
  struck: boolean;
  /** Answered 429 with a time to wait, and came back sooner. */
  hastened: string[];
  /** Whether a person had to ask once more. */
  asked: boolean;
  /** What is not as it should be; nothing when the scenario was survived. */
  wrong: Partial<DeploymentViolations> & { adrift?: string[]; failed?: string; left?: Partial<DeploymentViolations> };
}

const deadlineMs = 1_000;

/** One app through one saga with one fault at one place; then everything is well again, both sides are looked at, and the app is removed. */
export async function runDeployment({ studio, world, between, tasks }: Stage, lane: Lane, scenario: DeploymentScenario, number: number): Promise<DeploymentOutcome> {
  const { hands } = world;
  const caller = `deployment-${number}`;
  const { id, rowId } = await studio.newOrganization(studio.owner, `Deployments ${number}`);
  const organization = { id, rowId };
  await hands.raw(`update subscriptions set plan_key = 'scale' where organization_id = $1`, [rowId]);
  await connectRailway(hands.ctx, id, { token: TOKEN });
  let hook: FaultHook = () => Promise.resolve();
  const railway = { ...studio.owner.ctx.railway, ...createRailways({ endpoint: between.endpointOf(caller), clock: studio.ports.clock, deadlineMs }) };
  tasks.set(rowId, tasksOf({ ...lane.portsAt(studio.appwrite.url), railway }, (step, position) => hook(step, position)));

  const scene = await setScene(hands, scenario, { organization, name: titleOfDeployment(scenario) });
  const armed = armFor({ between, lane, caller }, scenario);
  hook = armed.hook;
  const own = await begin(hands, scene);
  await quiet(hands, rowId);

  hook = () => Promise.resolve();
  lane.postgres.heal();
  const { struck, hastened } = between.heal(caller);
  return { scenario, struck: struck > 0 || armed.struckElsewhere(), hastened, ...(await sumUp(world, scene, scenario, own)) };
}

/** A worker that dies tells nobody, and its job is not given back: what it held is taken over when the lease has run out. */
function tasksOf(ports: Ports, faults: FaultHook): Record<string, (payload: unknown) => Promise<void>> {
  const tasks = { ...projectTasks(ports, { sagas: { ...projectSagas, ...deploymentSagas }, faults, leaseMs: 1_500, backoff: () => 20 }), ...deploymentTasks(ports) };
  const runSaga = tasks['run-saga'];
  return {
    ...tasks,
    async 'run-saga'(payload) {
      try {
        await runSaga?.(payload);
      } catch (error) {
        if (!(error instanceof SimulatedCrash)) throw error;
      }
    },
  };
}

/** Everything is looked at, after a person has asked once more where it failed; what the clock does is done before each look. In the end the app is removed. */
export async function sumUp(world: World, scene: Scene, scenario: DeploymentScenario, own: string | null): Promise<Pick<DeploymentOutcome, 'asked' | 'wrong'>> {
  const { hands } = world;
  const { organization, project, environment } = scene;
  const failed = await failureOf(world, scene);
  await minutesPass(hands, organization.rowId);
  const unknown = await adrift(world, scene);
  const asked = failed !== null;
  const up = asked ? await askAgain(hands, scene) : own;
  const expected = { up, atRailway: expectedAtRailway(scene, asked), counted: scene.before + (own === null ? 0 : asked ? 2 : 1) };
  const wrong = foundIn(await inspectDeployments(world, scene, expected));
  if (up !== null) await removeService(hands.ctx, project, { environment });
  await quiet(hands, organization.rowId);
  const left = foundIn(await inspectDeployments(world, scene, { ...expected, up: null, atRailway: { least: 0, most: 0 } }));
  return {
    asked,
    wrong: {
      ...wrong,
      ...(unknown.length > 0 ? { adrift: unknown } : {}),
      ...(asked && !mayFail(scenario) ? { failed } : {}),
      ...(Object.keys(left).length > 0 ? { left } : {}),
    },
  };
}

async function askAgain(hands: Hands, scene: Scene): Promise<string | null> {
  const again = await begin(hands, scene);
  await quiet(hands, scene.organization.rowId);
  await minutesPass(hands, scene.organization.rowId);
  return again;
}

/** What the person was told; null when it did not fail. */
async function failureOf({ hands }: World, { organization }: Scene): Promise<string | null> {
  const [stuck] = await hands.raw<{ told: string | null }>(`select error->>'message' as told from sagas where organization_id = $1 and state = 'stuck' order by id desc limit 1`, [organization.rowId]);
  return stuck === undefined ? null : (stuck.told ?? 'nothing');
}

function expectedAtRailway({ course, before }: Scene, asked: boolean): Expected['atRailway'] {
  if (course.kind === 'remove-service') return { least: 0, most: 0 };
  if (course.kind === 'deploy') return { least: 1, most: asked ? 2 : 1 };
  if (asked) return { least: before + 1, most: before + 4 };
  // One that is given another key is begun twice.
  const own = course.rotated ? 2 : 1;
  return { least: before + own, most: before + own };
}
