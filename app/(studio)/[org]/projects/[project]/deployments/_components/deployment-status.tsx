import { Badge, type Tone } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import type { IconName } from '@/app/_ui/icon-shapes';
import type { DeploymentView } from '@/lib/deployments/schemas';

type Status = DeploymentView['status'];

interface ShownStatus {
  tone: Tone;
  /** Railway's own word, in sentence case. */
  word: string;
  icon: IconName;
  /** The deployment leaves it by itself, so that looking again makes sense soon. */
  moving: boolean;
}

export const shownStatuses: Record<Status, ShownStatus> = {
  PREPARING: { tone: 'info', word: 'Preparing', icon: 'loader-circle', moving: true },
  QUEUED: { tone: 'info', word: 'Queued', icon: 'clock', moving: true },
  WAITING: { tone: 'info', word: 'Waiting', icon: 'clock', moving: true },
  INITIALIZING: { tone: 'info', word: 'Initializing', icon: 'loader-circle', moving: true },
  BUILDING: { tone: 'info', word: 'Building', icon: 'loader-circle', moving: true },
  DEPLOYING: { tone: 'info', word: 'Deploying', icon: 'loader-circle', moving: true },
  SUCCESS: { tone: 'good', word: 'Success', icon: 'check', moving: false },
  SLEEPING: { tone: 'neutral', word: 'Sleeping', icon: 'moon', moving: false },
  NEEDS_APPROVAL: { tone: 'warn', word: 'Needs approval', icon: 'circle-alert', moving: false },
  SKIPPED: { tone: 'neutral', word: 'Skipped', icon: 'minus', moving: false },
  FAILED: { tone: 'bad', word: 'Failed', icon: 'triangle-alert', moving: false },
  CRASHED: { tone: 'bad', word: 'Crashed', icon: 'triangle-alert', moving: false },
  REMOVING: { tone: 'warn', word: 'Removing', icon: 'loader-circle', moving: true },
  REMOVED: { tone: 'neutral', word: 'Removed', icon: 'archive', moving: false },
};

export function isMoving(status: Status): boolean {
  return shownStatuses[status].moving;
}

/** `settled`: the deployment has left this state, so nothing turns any more. */
export function DeploymentStatus({ status, settled = false }: { status: Status; settled?: boolean }) {
  const { tone, word, icon, moving } = shownStatuses[status];
  const name = settled && moving ? 'check' : icon;
  return (
    <Badge tone={settled && moving ? 'neutral' : tone} icon={<Icon name={name} className={name === 'loader-circle' ? 'spin size-3' : 'size-3'} />}>
      {word}
    </Badge>
  );
}
