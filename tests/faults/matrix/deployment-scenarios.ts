import { deploymentSagas } from '@/lib/deployments/sagas';
import { faultPositions } from '@/lib/sagas/fault';
import { callFaults } from './dialects';
import { sample, withTimes } from './scenarios';
import type { Strike } from './strike';

export const deploymentFaults = [...callFaults, 'crash'] as const;

/** A saga of a deployment, and what was there before it began. */
export interface Course {
  kind: keyof typeof deploymentSagas;
  /** The key was exchanged since the deployment that is gone back to, so that its app has to be given the current one and started again. */
  rotated: boolean;
}

export type DeploymentPlace = Course & Pick<Strike, 'step' | 'position' | 'onlyLooks'>;
export type DeploymentScenario = Course & Strike;

/** Steps that ask Railway for nothing but how it goes. */
const looking = new Set(['settle', 'follow']);

const courses: Course[] = Object.keys(deploymentSagas).filter(isDeploymentSaga).flatMap((kind) => (kind === 'rollback' ? [false, true] : [false]).map((rotated) => ({ kind, rotated })));

/** Every step of every saga of a deployment at every position. Read from the sagas themselves. */
export function deploymentPlaces(): DeploymentPlace[] {
  return courses.flatMap((course) => deploymentSagas[course.kind].steps.flatMap(({ key: step }) => faultPositions.map((position) => ({ ...course, step, position, onlyLooks: looking.has(step) }))));
}

export function deploymentScenarios(): DeploymentScenario[] {
  return withTimes(deploymentPlaces().flatMap((place) => deploymentFaults.map((fault) => ({ ...place, fault }))));
}

/** So many that meet each fault, each course at least once, and a limit that is met for sure, chosen by the seed. */
export function sampleOfEach(scenarios: readonly DeploymentScenario[], ofEach: number): DeploymentScenario[] {
  const chosen = sample(scenarios, ofEach);
  const shuffled = sample(scenarios, scenarios.length);
  const needed: ((scenario: DeploymentScenario) => boolean)[] = [
    ...courses.map((course) => (scenario: DeploymentScenario) => nameOf(scenario) === nameOf(course)),
    // Whether a wish to wait is kept shows where one is heard.
    (scenario) => scenario.fault === '429' && mustBeStruck(scenario),
  ];
  return [...chosen, ...needed.filter((fits) => !chosen.some(fits)).flatMap((fits) => shuffled.find(fits) ?? [])];
}

/** A worker dies wherever it is told to, and each step asks Railway or has one behind it that does; behind the last call there may be nothing left. */
export function mustBeStruck({ position, fault }: DeploymentScenario): boolean {
  return fault === 'crash' || position === 'before' || position === 'sent';
}

/** Railway says that it will never do this, and a person has to ask again; everything else Studio gets over by itself. */
export function mayFail({ fault }: DeploymentScenario): boolean {
  return fault === '409';
}

export const nameOf = ({ kind, rotated }: Course): string => (rotated ? `${kind} to an old key` : kind);

export function titleOfDeployment(scenario: DeploymentScenario): string {
  const { step, position, fault, times } = scenario;
  return `${nameOf(scenario)} ${step}:${position} ${fault} x${times}`;
}

function isDeploymentSaga(name: string): name is Course['kind'] {
  return name in deploymentSagas;
}
