'use client';

import { useRouter } from 'next/navigation';
import { useAct } from '@/app/_forms/use-act';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { Notice } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { apiPost } from '@/lib/http/client';
import type { CopiedVariables, EnvironmentName } from '@/lib/projects/env/schemas';

interface CopyVariablesProps {
  projectId: string;
  environment: EnvironmentName;
  /** The environments that have variables of their own. */
  sources: readonly EnvironmentName[];
  mayWrite: boolean;
}

/** Fills an environment that has no variables of its own with those of another one. */
export function CopyVariables({ projectId, environment, sources, mayWrite }: CopyVariablesProps) {
  const router = useRouter();
  const { busy, act } = useAct();
  const copy = (from: EnvironmentName) =>
    act(async () => {
      const { copied, skipped } = await apiPost<CopiedVariables>(`/projects/${projectId}/env/variables/copy?environment=${environment}`, { from });
      notify('success', {
        title: `${copied.length} ${copied.length === 1 ? 'variable' : 'variables'} copied from ${from}`,
        ...(skipped.length === 0 ? {} : { description: `There already, and left as they are: ${skipped.join(', ')}.` }),
      });
      router.refresh();
    });
  return (
    <Notice icon={<Icon name="copy" />} title="No variables of its own yet">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 basis-72">Copy those that people have set in another environment, secrets included. The key of the backend stays the one of {environment}.</p>
        <div className="flex flex-wrap gap-2">
          {sources.map((from) => (
            <AllowedButton key={from} reason={mayWrite ? undefined : missingRight('env:write')} busy={busy} onClick={() => copy(from)}>
              Copy from {from}
            </AllowedButton>
          ))}
        </div>
      </div>
    </Notice>
  );
}
