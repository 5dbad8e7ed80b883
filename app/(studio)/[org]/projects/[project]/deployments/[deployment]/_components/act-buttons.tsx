'use client';

import { useState } from 'react';
import { AllowedButton } from '@/app/_ui/allowed';
import { Icon } from '@/app/_ui/icon';
import type { DeploymentView } from '@/lib/deployments/schemas';
import { actNames, acts, type Act } from '../../_components/deployment-acts';
import type { DeploymentActs } from '../../_components/deployment-table';
import { ActDialog } from '../../_components/on-demand';

/** The acts that the deployment allows now; a person without the right sees them, and why not. */
export function ActButtons({ deployment, ...given }: DeploymentActs & { deployment: DeploymentView }) {
  const [asking, setAsking] = useState<Act | null>(null);
  return (
    <>
      {actNames
        .filter((name) => deployment.can[name])
        .map((name) => (
          <AllowedButton key={name} kind={acts[name].danger ? 'danger' : 'secondary'} reason={given.refusal} icon={<Icon name={acts[name].icon} />} onClick={() => setAsking(name)}>
            {acts[name].words}
          </AllowedButton>
        ))}
      {asking !== null && <ActDialog act={asking} of={deployment} {...given} onClose={() => setAsking(null)} />}
    </>
  );
}
