'use client';

import { RowActions } from '@/app/_ui/row-actions';
import type { DeploymentView } from '@/lib/deployments/schemas';
import { actNames, acts, type Act } from './deployment-acts';

interface DeploymentActionsProps {
  label: string;
  of: DeploymentView;
  refusal: string | undefined;
  onChoose: (act: Act) => void;
}

/** The inside of a deployment's menu: every act, with why it cannot be done. */
export function DeploymentActions({ label, of: deployment, refusal, onChoose }: DeploymentActionsProps) {
  return (
    <RowActions
      label={label}
      actions={actNames.map((name) => ({
        icon: acts[name].icon,
        words: acts[name].words,
        danger: acts[name].danger,
        refusal: refusal ?? (deployment.can[name] ? undefined : acts[name].refusal),
        onSelect: () => onChoose(name),
      }))}
    />
  );
}
