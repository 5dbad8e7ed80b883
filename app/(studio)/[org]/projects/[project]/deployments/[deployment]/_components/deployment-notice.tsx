import { Notice } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { isMoving } from '../../_components/deployment-status';

/** What must be known about a deployment that is not on a good way, and what to do about it. */
export function DeploymentNotice({ deployment: { status, reason, steps, live, cancelling } }: { deployment: DeploymentDetail }) {
  const held = steps.find(({ state }) => state === 'retrying');
  if (status === 'FAILED') {
    return (
      <Notice tone="bad" icon={<Icon name="triangle-alert" />} title={reason ?? 'The deployment failed.'}>
        <p>What served before goes on serving. The logs say more; mend it and deploy again.</p>
      </Notice>
    );
  }
  if (status === 'CRASHED') {
    return (
      <Notice tone="bad" icon={<Icon name="triangle-alert" />} title={reason ?? 'The app ended by itself.'}>
        <p>Its last lines are in the runtime log. Restart it, or go back to a deployment that worked.</p>
      </Notice>
    );
  }
  if (status === 'NEEDS_APPROVAL') {
    return (
      <Notice tone="warn" icon={<Icon name="circle-alert" />} title="Railway waits for an approval">
        <p>Somebody has to approve this deployment at Railway before it goes on.</p>
      </Notice>
    );
  }
  if (cancelling) {
    return (
      <Notice icon={<Icon name="circle-alert" />} title="It is being cancelled">
        <p>What served before goes on serving.</p>
      </Notice>
    );
  }
  if (held !== undefined && isMoving(status)) {
    return (
      <Notice tone="warn" icon={<Icon name="rotate-cw" />} title={`"${held.name}" is tried again`}>
        <p>{held.reason ?? 'It did not work yet.'} Nothing is lost; what served before goes on serving.</p>
      </Notice>
    );
  }
  if (reason !== null && !live) {
    return (
      <Notice icon={<Icon name="circle-alert" />}>
        <p>{reason}</p>
      </Notice>
    );
  }
  return null;
}
