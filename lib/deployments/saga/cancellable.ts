import { done, type Step, type StepOutcome, type StepRun } from '@/lib/sagas/definition';
import { cancelledReason } from '../failure-reason';
import { findNew, keepDeployment } from './adopt';
import { railwayOf, type DeployTarget } from './target';

const giveUp: StepOutcome = { kind: 'give-up', reason: cancelledReason };
const looking: StepOutcome = { kind: 'pending', reason: 'Studio looks whether Railway has begun it already.', afterMs: 1_000 };

/** A list at Railway may lag behind what was asked: for how long it is looked at before there is taken to be nothing. */
const patienceMs = { unasked: 3_000, asked: 10_000 };

/** For the steps that begin nothing at Railway: a deployment that somebody cancelled meanwhile goes no further. */
export function cancellable(step: Step<DeployTarget>): Step<DeployTarget> {
  return { ...step, run: (run) => (run.target.deployment.cancel_requested ? Promise.resolve(giveUp) : step.run(run)) };
}

/**
 * For those behind which something may run at Railway: begun by the source itself, or by a call whose answer was lost.
 * What is found is kept, so that the steps behind it end it there; to leave it would let it go live unseen.
 */
export function cancellableStart(step: Step<DeployTarget>): Step<DeployTarget> {
  return { ...step, run: (run) => (run.target.deployment.cancel_requested ? endStarted(run) : step.run(run)) };
}

async function endStarted(run: StepRun<DeployTarget>): Promise<StepOutcome> {
  const { before, askedMs } = run.target;
  if (before === null) return giveUp;
  const begun = await findNew(run, railwayOf(run));
  if (begun !== null) return done((tx) => keepDeployment(tx, run, begun));
  const asked = run.retrying || askedMs !== null;
  return run.runningMs < (asked ? patienceMs.asked : patienceMs.unasked) ? looking : giveUp;
}
