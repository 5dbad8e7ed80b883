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
import { allPlaces, allScenarios, mayGiveUp, mustStrike, sample, titleOf, type Scenario } from './matrix/scenarios';
import { strikeAll } from './matrix/survival';
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

const world = async () => ({ raw: studio.raw, admin: (await studio.ports.appwrite.byId(studio.instanceId)).admin() });

describe(`every step of every saga of a project, struck at every position (seed ${proof.seed})`, () => {
  const all = allScenarios();
  const chosen = sample(all, scaled(4, all.length));

  it('survives', { timeout: scaled(180_000, 1_800_000) }, async (context) => {
    const hands = { ctx: studio.owner.ctx, raw: studio.raw, system: (job: SystemJob) => systemCtx(studio.ports, job) };
    await strikeAll<Scenario, Outcome>(context, lanes, {
      requirements: ['P1', 'P3', 'P5', 'P7', 'P9'],
      what: `Steps of sagas × ${faultPositions.join(', ')} × ${callFaults.join(', ')}`,
      all,
      chosen,
      outcomes,
      run: (lane, scenario, number) => runScenario({ studio, hands, between, tasks }, lane, scenario, number),
      titleOf,
      stepOf: ({ kind, step }) => `${kind} ${step}`,
      mustStrike,
      wrongIn: ({ scenario, short, inspection }) => {
        const tooShort = short !== null && !mayGiveUp(scenario);
        return isSound(inspection) && !tooShort ? null : { ...violationsOf(inspection), ...(tooShort ? { short } : {}) };
      },
      also: () => `, ${outcomes.filter(({ short }) => short !== null).length} gave up as they may`,
      wish: 'A wish to wait (429 with Retry-After) that was not kept',
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
