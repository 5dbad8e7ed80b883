import type { Runner } from 'graphile-worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploymentTasks } from '@/lib/deployments/tasks';
import { projectTasks } from '@/lib/projects/tasks';
import { faultPositions } from '@/lib/sagas/fault';
import { app, testDeployments, type TestDeployments } from '../deployments/support/studio';
import { figure, proof, scaled } from '../support/figure';
import { matrixAnswer, matrixRepository } from './matrix/deployment-beginnings';
import { deploymentFaults, deploymentPlaces, deploymentScenarios, mustBeStruck, nameOf, sampleOfEach, titleOfDeployment } from './matrix/deployment-scenarios';
import { worldOf, type World } from './matrix/deployment-world';
import { railway } from './matrix/dialects';
import { startInBetween, type InBetween } from './matrix/in-between';
import { openLane, type Lane } from './matrix/lane';
import { runDeployment, type DeploymentOutcome } from './matrix/run-deployment';
import { strikeAll } from './matrix/survival';
import { startSwitchedRunner, type TaskSwitch } from './matrix/task-switch';

/** Each builds and starts apps. */
const lanesAtOnce = 4;

let studio: TestDeployments;
let world: World;
let between: InBetween;
let lanes: Lane[];
let runner: Runner;
const tasks: TaskSwitch = new Map();
const outcomes: DeploymentOutcome[] = [];

beforeAll(async () => {
  studio = await testDeployments({ isolate: false });
  await studio.raw('update appwrite_instances set capacity = 100000');
  await studio.cloud.push(matrixRepository, app(matrixAnswer));
  world = worldOf(studio);
  between = await startInBetween(`${studio.cloud.url}/graphql/v2`, railway);
  lanes = await Promise.all(Array.from({ length: lanesAtOnce }, () => openLane(studio)));
  runner = await startRunner();
});

afterAll(async () => {
  await runner?.stop();
  for (const lane of lanes ?? []) await lane.close();
  await between?.close();
  await studio?.close();
});

const startRunner = (): Promise<Runner> =>
  startSwitchedRunner(tasks, { jobsUrl: studio.urls.jobsUrl, standard: { ...projectTasks(studio.ports), ...deploymentTasks(studio.ports) }, concurrency: lanesAtOnce * 2 });

describe(`every step of every saga of a deployment, struck at every position (seed ${proof.seed})`, () => {
  const all = deploymentScenarios();
  const chosen = proof.whole ? all : sampleOfEach(all, 1);

  it('survives', { timeout: scaled(180_000, 5_400_000) }, async (context) => {
    await strikeAll(context, lanes, {
      requirements: ['P1', 'P3', 'P5', 'P7'],
      what: `Steps of sagas of deployments × ${faultPositions.join(', ')} × ${deploymentFaults.join(', ')}`,
      all,
      chosen,
      outcomes,
      run: (lane, scenario, number) => runDeployment({ studio, world, between, tasks }, lane, scenario, number),
      titleOf: titleOfDeployment,
      stepOf: (place) => `${nameOf(place)} ${place.step}`,
      mustStrike: mustBeStruck,
      wrongIn: ({ wrong }) => (Object.keys(wrong).length > 0 ? wrong : null),
      also: () => `, ${outcomes.filter(({ asked }) => asked).length} of them after a person asked again`,
      wish: "Railway's wish to wait (429 with Retry-After) that was not kept by any call of the token",
    });
  });

  it('and nothing is left at Railway that no row knows, after a restart', { timeout: scaled(60_000, 300_000) }, async (context) => {
    await runner.stop();
    runner = await startRunner();
    await studio.job('reconcile');
    const kept = await studio.raw<{ id: string }>('select railway_project_id as id from railway_projects where railway_project_id is not null');
    const remote = await world.projectsAtRailway();
    const known = new Set(kept.map(({ id }) => id));
    const services: string[] = [];
    for (const { id } of remote) services.push(...(await world.railway.getProject(id)).services.map(({ name }) => name));
    const orphans = [...remote.filter(({ id }) => !known.has(id)).map(({ name }) => name), ...services];
    const [open] = await studio.raw<{ count: number }>(`select count(*)::int as count from sagas where state in ('running', 'undoing') or leased_until is not null`);
    expect.soft({ orphans, open: open?.count }).toEqual({ orphans: [], open: 0 });
    figure(context, {
      requirements: ['P1', 'P3', 'P5'],
      what: 'Orphans at Railway after all scenarios, whose apps were removed in the end',
      reached: `${orphans.length}; ${kept.length} projects known here, ${remote.length} at Railway with ${services.length} services, ${open?.count} sagas open or leased`,
      bound: '0, as many on both sides, no services, none open',
      pass: orphans.length === 0 && remote.length === kept.length && remote.length >= outcomes.length && open?.count === 0,
    });
  });

  it('of which the list is whole', () => {
    expect(deploymentPlaces().length).toBeGreaterThanOrEqual(80);
    expect(all).toHaveLength(deploymentPlaces().length * deploymentFaults.length);
  });
});
