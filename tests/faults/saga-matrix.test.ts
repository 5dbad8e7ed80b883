import type { Runner } from 'graphile-worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SystemJob } from '@/lib/kernel/actor';
import { faultPositions } from '@/lib/sagas/fault';
import { projectTasks, systemCtx } from '@/lib/projects/tasks';
import { testProjects, type TestProjects } from '../projects/support';
import { figure, proof, scaled } from '../support/figure';
import { inspect, isSound, orphansOf, violationsOf } from './invariants';
import { callFaults } from './matrix/dialects';
import { startInBetween, type InBetween } from './matrix/in-between';
import { openLane, type Lane } from './matrix/lane';
import { runScenario, type Outcome } from './matrix/run-scenario';
import { allPlaces, allScenarios, mustStrike, sample, titleOf, type Place } from './matrix/scenarios';
import { startSwitchedRunner, type TaskSwitch } from './matrix/task-switch';

const lanesAtOnce = 6;

let studio: TestProjects;
let between: InBetween;
let lanes: Lane[];
let runner: Runner;
const tasks: TaskSwitch = new Map();
const outcomes: Outcome[] = [];

beforeAll(async () => {
  studio = await testProjects();
  await studio.raw('update appwrite_instances set capacity = 100000');
  between = await startInBetween(studio.appwrite.url);
  lanes = await Promise.all(Array.from({ length: lanesAtOnce }, () => openLane(studio)));
  runner = await startRunner();
});

afterAll(async () => {
  await runner?.stop();
  for (const lane of lanes ?? []) await lane.close();
  await between?.close();
  await studio?.close();
});

const startRunner = (): Promise<Runner> => startSwitchedRunner(tasks, { jobsUrl: studio.urls.jobsUrl, standard: projectTasks(studio.ports), concurrency: lanesAtOnce * 2 });

const stepsOf = (places: readonly Place[]): number => new Set(places.map(({ kind, step }) => `${kind} ${step}`)).size;

const world = async () => ({ raw: studio.raw, admin: (await studio.ports.appwrite.byId(studio.instanceId)).admin() });

describe(`every step of every saga of a project, struck at every position (seed ${proof.seed})`, () => {
  const all = allScenarios();
  const chosen = sample(all, scaled(4, all.length));

  it('survives', { timeout: scaled(180_000, 1_800_000) }, async (context) => {
    const queue = chosen.map((scenario, number) => ({ scenario, number }));
    const failures: string[] = [];
    const hands = { ctx: studio.owner.ctx, raw: studio.raw, system: (job: SystemJob) => systemCtx(studio.ports, job) };
    await Promise.all(
      lanes.map(async (lane) => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          try {
            outcomes.push(await runScenario({ studio, hands, between, tasks }, lane, next.scenario, next.number));
          } catch (error) {
            failures.push(`${titleOf(next.scenario)}: ${error instanceof Error ? error.message : String(error)}`);
          }
        }
      }),
    );
    const wrong = outcomes.filter(({ inspection }) => !isSound(inspection)).map(({ scenario, inspection }) => `${titleOf(scenario)}: ${JSON.stringify(violationsOf(inspection))}`);
    const struck = outcomes.filter((outcome) => outcome.struck);
    const missed = outcomes.filter((outcome) => !outcome.struck && mustStrike(outcome.scenario)).map(({ scenario }) => titleOf(scenario));
    const [steps, allSteps] = [stepsOf(struck.map(({ scenario }) => scenario)), stepsOf(all)];
    expect.soft({ failures, wrong, missed }).toEqual({ failures: [], wrong: [], missed: [] });
    figure(context, {
      requirements: ['P1', 'P3', 'P5', 'P7', 'P9'],
      what: `Steps of sagas × ${faultPositions.join(', ')} × ${callFaults.join(', ')}`,
      reached: `${outcomes.length} of ${all.length} scenarios on ${steps} of ${allSteps} steps, ${struck.length} of them struck something, ${missed.length} missed their call, ${outcomes.length - wrong.length} survived`,
      bound: `all survived, 0 missed${proof.whole ? ', all steps' : ''}`,
      pass: failures.length + wrong.length + missed.length === 0 && outcomes.length === chosen.length && (!proof.whole || steps === allSteps),
    });
    const limited = struck.filter(({ scenario }) => scenario.fault === '429');
    const hastened = limited.flatMap((outcome) => outcome.hastened.map((call) => `${titleOf(outcome.scenario)}: ${call}`));
    expect.soft(hastened).toEqual([]);
    figure(context, {
      requirements: ['P7'],
      what: 'A wish to wait (429 with Retry-After) that was not kept',
      reached: `${hastened.length} in ${limited.length} scenarios`,
      bound: '0, in some',
      pass: limited.length > 0 && hastened.length === 0,
    });
  });

  it('and the same is on both sides in the end, after a restart', { timeout: scaled(60_000, 300_000) }, async (context) => {
    await runner.stop();
    runner = await startRunner();
    await studio.job('reconcile');
    const inspection = await inspect(await world(), outcomes.map(({ project }) => project));
    expect.soft(violationsOf(inspection)).toEqual({});
    figure(context, {
      requirements: ['P1', 'P3', 'P5'],
      what: 'Orphans on either side after all scenarios',
      reached: `${orphansOf(inspection)}; ${inspection.live} live here, ${inspection.remote} at Appwrite, ${inspection.acknowledged} acknowledged, ${inspection.lost.length} lost, ${inspection.unhealthyReady.length} ready but unwell`,
      bound: '0, all as it should be',
      pass: isSound(inspection) && inspection.acknowledged === outcomes.length,
    });
  });

  it('of which the list is whole', () => {
    expect(allPlaces().length).toBeGreaterThanOrEqual(80);
    expect(all).toHaveLength(allPlaces().length * callFaults.length);
  });
});
