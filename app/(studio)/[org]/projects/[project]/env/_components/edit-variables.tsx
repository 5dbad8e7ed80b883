'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { Icon } from '@/app/_ui/icon';
import { onDemand } from '@/app/_ui/on-demand';
import type { EnvironmentName, VariableView } from '@/lib/projects/env/schemas';

const VariablesDialog = onDemand(async () => (await import('./variables-dialog')).VariablesDialog);

interface EditVariablesProps {
  projectId: string;
  environment: EnvironmentName;
  variables: readonly VariableView[];
  version: number;
  mayWrite: boolean;
}

export function EditVariables({ mayWrite, ...edited }: EditVariablesProps) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  return (
    <>
      <AllowedButton kind="primary" reason={mayWrite ? undefined : missingRight('env:write')} icon={<Icon name="variable" />} onClick={() => setOpen(true)}>
        Edit variables
      </AllowedButton>
      {open && <VariablesDialog {...edited} onClose={() => setOpen(false)} onStale={() => router.refresh()} />}
    </>
  );
}
