import type { IconName } from '@/app/_ui/icon-shapes';
import type { DeploymentView } from '@/lib/deployments/schemas';

export type Act = keyof DeploymentView['can'];

interface ActWords {
  icon: IconName;
  words: string;
  /** Why the deployment itself does not allow it. */
  refusal: string;
  danger: boolean;
}

/** What can be done with a deployment, in the order in which it is offered. */
export const acts: Record<Act, ActWords> = {
  redeploy: { icon: 'rotate-cw', words: 'Redeploy', refusal: 'Railway cannot repeat it: its build is gone or never was.', danger: false },
  rollback: { icon: 'undo-2', words: 'Roll back to this', refusal: 'Only an earlier deployment that served, and whose build Railway still keeps, can be gone back to.', danger: false },
  restart: { icon: 'activity', words: 'Restart', refusal: 'Nothing of it runs that could be restarted.', danger: false },
  stop: { icon: 'square', words: 'Stop', refusal: 'Nothing of it runs that could be stopped.', danger: true },
  cancel: { icon: 'x', words: 'Cancel', refusal: 'It is not on its way.', danger: true },
};

export const actNames: readonly Act[] = ['redeploy', 'rollback', 'restart', 'stop', 'cancel'];
