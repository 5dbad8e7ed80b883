import fc from 'fast-check';
import { projectSagas } from '@/lib/projects/sagas';
import { faultPositions, type FaultPosition } from '@/lib/sagas/fault';
import { proof } from '../../support/figure';
import { callFaults, type CallFault } from './dialects';

export type SagaName = keyof typeof projectSagas;

/** A saga, and how to make it take everything back where it does: the call that is refused for good. */
interface SagaUnderTest {
  kind: SagaName;
  refusal?: { step: string; method: 'POST' | 'PATCH'; path: RegExp };
}

const undoing: Partial<Record<SagaName, NonNullable<SagaUnderTest['refusal']>>> = {
  provision: { step: 'platform', method: 'POST', path: /^\/v1\/project\/platforms\/web/ },
  rename: { step: 'rename', method: 'PATCH', path: /^\/v1\/organization\/projects\// },
};

/** A place in a saga: `undo-create` is the taking back of `create`. */
export interface Place extends SagaUnderTest {
  step: string;
  position: FaultPosition;
}

export interface Scenario extends Place {
  fault: CallFault;
  /** How many calls in a row meet it. */
  times: number;
}

/** Every step of every saga of a project, forward and back, at every position. Read from the sagas themselves. */
export function allPlaces(): Place[] {
  const steps = Object.keys(projectSagas).filter(isSagaName).flatMap((kind) => {
    const { steps: list, onGiveUp } = projectSagas[kind];
    const keys = list.map(({ key }) => key);
    const forward = keys.map((step) => ({ kind, step }));
    if (onGiveUp !== 'undo') return forward;
    const refusal = undoing[kind];
    if (refusal === undefined) throw new Error(`nothing makes the saga ${kind} take back what it did: name a call to refuse`);
    return [...forward, ...keys.slice(0, keys.indexOf(refusal.step) + 1).map((key) => ({ kind, refusal, step: `undo-${key}` }))];
  });
  return steps.flatMap((step) => faultPositions.map((position) => ({ ...step, position })));
}

export function allScenarios(): Scenario[] {
  return withTimes(allPlaces().flatMap((place) => callFaults.map((fault) => ({ ...place, fault }))));
}

/** How many times in a row each of them meets its fault, drawn by the seed. */
export function withTimes<Each>(scenarios: readonly Each[]): (Each & { times: number })[] {
  const [times = []] = fc.sample(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: scenarios.length, maxLength: scenarios.length }), { seed: proof.seed, numRuns: 1 });
  return scenarios.map((scenario, n) => ({ ...scenario, times: times[n] ?? 1 }));
}

/** So many that meet each fault, chosen by the seed. */
export function sample<Each extends { fault: string }>(scenarios: readonly Each[], ofEach: number): Each[] {
  const [shuffled = []] = fc.sample(fc.shuffledSubarray([...scenarios], { minLength: scenarios.length }), { seed: proof.seed, numRuns: 1 });
  const faults = [...new Set(scenarios.map(({ fault }) => fault))];
  return faults.flatMap((fault) => shuffled.filter((scenario) => scenario.fault === fault).slice(0, ofEach));
}

/** Steps that ask Appwrite for nothing and have none behind them that is sure to. */
const withoutCall = new Set(['provision ready', 'provision undo-reserve', 'rename undo-rename', 'restore ready', 'purge tombstone']);

/** Before a call and on its way there is something to strike; behind it there may be nothing left. */
export function mustStrike({ kind, step, position }: Place): boolean {
  return (position === 'before' || position === 'sent') && !withoutCall.has(`${kind} ${step}`);
}

/** A saga whose call is refused for good takes back what it did, and a conflict that nothing explains may be such a call; everything else it gets over by itself. */
export function mayGiveUp({ refusal, fault }: Place & { fault?: CallFault }): boolean {
  return refusal !== undefined || fault === '409';
}

export function titleOf({ kind, step, position, fault, times }: Scenario): string {
  return `${kind} ${step}:${position} ${fault} x${times}`;
}

function isSagaName(name: string): name is SagaName {
  return name in projectSagas;
}
