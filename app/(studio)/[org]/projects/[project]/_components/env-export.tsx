'use client';

import { useState } from 'react';
import { useAct } from '@/app/_forms/use-act';
import { missingRight } from '@/app/_shell/navigation';
import { StepUpDialog } from '@/app/(studio)/_components/dialogs';
import { AllowedButton } from '@/app/_ui/allowed';
import { downloadText } from '@/app/_ui/copy-button';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { ApiProblem, apiPost } from '@/lib/http/client';
import type { EnvironmentName } from '@/lib/projects/env/schemas';

type Wanted = 'copy' | 'download';

/** Gives out the whole `.env`, secret included: after the password, and written to the audit log. */
export function EnvExport({ projectId, environment = 'production', mayExport }: { projectId: string; environment?: EnvironmentName; mayExport: boolean }) {
  const [asking, setAsking] = useState<Wanted | null>(null);
  const { busy, act } = useAct();
  const give = async (wanted: Wanted) => {
    const text = await apiPost<string>(`/projects/${projectId}/env/export?environment=${environment}`, {}, null);
    if (wanted === 'download') downloadText('.env', text);
    else await copy(text);
  };
  const want = (wanted: Wanted) =>
    act(async () => {
      try {
        await give(wanted);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'step_up_required') throw error;
        setAsking(wanted);
      }
    });
  const reason = mayExport ? undefined : missingRight('env:export');
  return (
    <div className="flex flex-wrap gap-2">
      <AllowedButton reason={reason} busy={busy} icon={<Icon name="copy" />} onClick={() => want('copy')}>
        Copy all
      </AllowedButton>
      <AllowedButton reason={reason} busy={busy} icon={<Icon name="download" />} onClick={() => want('download')}>
        Download .env
      </AllowedButton>
      {asking !== null && (
        <StepUpDialog
          purpose="The variables hold a secret. Getting them is written to the audit log."
          onClose={() => setAsking(null)}
          onDone={async () => {
            await give(asking);
            setAsking(null);
          }}
        />
      )}
    </div>
  );
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify('success', { title: 'All variables copied' });
  } catch {
    // Browsers refuse the clipboard on plain http; a file is the other way out.
    downloadText('.env', text);
    notify('message', { title: 'The browser did not allow copying', description: 'The variables were downloaded as a file instead.' });
  }
}
