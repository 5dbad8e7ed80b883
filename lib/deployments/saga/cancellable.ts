import type { Step } from '@/lib/sagas/definition';
import type { DeployTarget } from './target';

export const cancelledReason = 'It was cancelled before it was up.';

/** For the steps before Railway has the deployment: one that somebody cancelled meanwhile goes no further. */
export function cancellable(step: Step<DeployTarget>): Step<DeployTarget> {
  return {
    ...step,
    run: (run) => (run.target.deployment.cancel_requested ? Promise.resolve({ kind: 'give-up', reason: cancelledReason }) : step.run(run)),
  };
}
