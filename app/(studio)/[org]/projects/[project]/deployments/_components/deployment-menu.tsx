'use client';

import { useState } from 'react';
import { Icon } from '@/app/_ui/icon';
import { Menu } from '@/app/_ui/menu';
import type { DeploymentView } from '@/lib/deployments/schemas';
import type { Act } from './deployment-acts';
import type { DeploymentActs } from './deployment-table';
import { ActDialog, DeploymentActions } from './on-demand';

export function DeploymentMenu({ of: deployment, ...given }: DeploymentActs & { of: DeploymentView }) {
  const [asking, setAsking] = useState<Act | null>(null);
  const label = `Actions for #${deployment.number}`;
  return (
    <>
      <Menu label={label} align="end" triggerClassName="inline-flex size-8 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-ink" trigger={<Icon name="ellipsis" />}>
        <DeploymentActions label={label} of={deployment} refusal={given.refusal} onChoose={setAsking} />
      </Menu>
      {asking !== null && <ActDialog act={asking} of={deployment} {...given} onClose={() => setAsking(null)} />}
    </>
  );
}
