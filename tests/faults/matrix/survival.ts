import { expect, type TestContext } from 'vitest';
import { figure, proof } from '../../support/figure';
import type { Lane } from './lane';

interface Struck {
  /** False when nothing was left to be struck. */
  struck: boolean;
  /** Calls that came back sooner than a 429 asked. */
  hastened: string[];
}

interface Matrix<Scenario, Outcome> {
  requirements: string[];
  what: string;
  all: readonly Scenario[];
  /** Those of them that are tried. */
  chosen: readonly Scenario[];
  run(lane: Lane, scenario: Scenario, number: number): Promise<Outcome>;
  titleOf(scenario: Scenario): string;
  /** The step with its saga. */
  stepOf(scenario: Scenario): string;
  mustStrike(scenario: Scenario): boolean;
  /** Null when the scenario was survived. */
  wrongIn(outcome: Outcome): object | null;
  /** What else the figure tells. */
  also?: () => string;
  /** What the wish to wait is called whose keeping is counted. */
  wish: string;
  /** Filled as they come: what was struck is looked at afterwards, whatever came of it. */
  outcomes: Outcome[];
}

/** Runs every chosen scenario, as many at once as there are lanes, and reports what they have met. */
export async function strikeAll<Scenario extends { fault: string }, Outcome extends Struck & { scenario: Scenario }>(
  context: Pick<TestContext, 'task'>,
  lanes: readonly Lane[],
  matrix: Matrix<Scenario, Outcome>,
): Promise<void> {
  const { all, chosen, titleOf, outcomes } = matrix;
  const queue = chosen.map((scenario, number) => ({ scenario, number }));
  const failures: string[] = [];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        try {
          outcomes.push(await matrix.run(lane, next.scenario, next.number));
        } catch (error) {
          failures.push(`${titleOf(next.scenario)}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }),
  );
  const stepsOf = (scenarios: readonly Scenario[]) => new Set(scenarios.map((scenario) => matrix.stepOf(scenario))).size;
  const wrong = outcomes.flatMap((outcome) => {
    const found = matrix.wrongIn(outcome);
    return found === null ? [] : [`${titleOf(outcome.scenario)}: ${JSON.stringify(found)}`];
  });
  const struck = outcomes.filter((outcome) => outcome.struck);
  const missed = outcomes.filter((outcome) => !outcome.struck && matrix.mustStrike(outcome.scenario)).map(({ scenario }) => titleOf(scenario));
  const [steps, allSteps] = [stepsOf(struck.map(({ scenario }) => scenario)), stepsOf(all)];
  expect.soft({ failures, wrong, missed }).toEqual({ failures: [], wrong: [], missed: [] });
  figure(context, {
    requirements: matrix.requirements,
    what: matrix.what,
    reached: `${outcomes.length} of ${all.length} scenarios on ${steps} of ${allSteps} steps, ${struck.length} of them struck something, ${missed.length} missed their call, ${outcomes.length - wrong.length} survived${matrix.also?.() ?? ''}`,
    bound: `all survived, 0 missed${proof.whole ? ', all steps' : ''}`,
    pass: failures.length + wrong.length + missed.length === 0 && outcomes.length === chosen.length && (!proof.whole || steps === allSteps),
  });
  const limited = struck.filter(({ scenario }) => scenario.fault === '429');
  const hastened = limited.flatMap((outcome) => outcome.hastened.map((call) => `${titleOf(outcome.scenario)}: ${call}`));
  expect.soft(hastened).toEqual([]);
  figure(context, { requirements: ['P7'], what: matrix.wish, reached: `${hastened.length} in ${limited.length} scenarios`, bound: '0, in some', pass: limited.length > 0 && hastened.length === 0 });
}
