'use client';

import { useState } from 'react';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { useRemote } from '@/app/_live/use-remote';
import { AllowedButton } from '@/app/_ui/allowed';
import { Notice } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import type { DriftView } from '@/lib/deployments/drift/schemas';
import { apiGet, apiPost } from '@/lib/http/client';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { DriftTable } from './drift-table';

interface DriftBannerProps {
  projectId: string;
  environment: EnvironmentName;
  refusal: string | undefined;
  onChanged: () => Promise<unknown>;
}

type Side = 'studio' | 'railway';

/** Variables that somebody changed at Railway, and a way to keep either side. Shows nothing while both agree. */
export function DriftBanner({ projectId, environment, refusal, onChanged }: DriftBannerProps) {
  const address = `/projects/${projectId}/drift`;
  // Under a key of its own: each look asks Railway, so events, which come often, must not cause one.
  const { data, error, reload } = useRemote<DriftView>({
    path: `drift of ${projectId} ${environment}`,
    load: (signal) => apiGet<DriftView>(`${address}?environment=${environment}`, signal),
  });
  const [keeping, setKeeping] = useState<Side | null>(null);
  if (error !== null) return <p className="text-sm text-muted">Whether its variables were changed at Railway cannot be seen right now. {error.message}</p>;
  if (data === undefined || data.differences.length === 0) return null;
  const { differences, version } = data;
  const generated = differences.filter((each) => each.generated).length;
  const count = differences.length === 1 ? 'One variable differs' : `${differences.length} variables differ`;
  return (
    <section aria-label="Drift" className="flex min-w-0 flex-col gap-3">
      <Notice tone="warn" icon={<Icon name="triangle-alert" />} title={`${count} at Railway`}>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="min-w-0 flex-1 basis-72">Somebody changed them there, or a change here is not deployed yet. Decide which side is right.</p>
          <div className="flex flex-wrap gap-2">
            <AllowedButton reason={refusal} onClick={() => setKeeping('studio')}>
              Keep Studio's
            </AllowedButton>
            <AllowedButton reason={refusal ?? (generated === differences.length ? "These follow the backend, so only Studio's side can be kept." : undefined)} onClick={() => setKeeping('railway')}>
              Keep Railway's
            </AllowedButton>
          </div>
        </div>
      </Notice>
      <DriftTable differences={differences} />
      {keeping !== null && (
        <ConfirmDialog
          title={keeping === 'studio' ? "Keep Studio's variables" : "Keep Railway's variables"}
          action={keeping === 'studio' ? 'Set them and deploy' : 'Take them over'}
          onClose={() => setKeeping(null)}
          onConfirm={async () => {
            await apiPost(`${address}/resolve`, { environment, keep: keeping, version });
            notify('success', { title: keeping === 'studio' ? "Studio's variables are being set again" : "Railway's variables are taken over" });
            await Promise.all([reload(), onChanged()]);
          }}
        >
          <p>
            {keeping === 'studio'
              ? `What was set at Railway is lost: its variables become those of Studio, and the app is deployed again with them.`
              : `The variables of ${environment} in Studio become those of Railway, and the values that they have here now are lost.`}
          </p>
          {keeping === 'railway' && generated > 0 && <p>{generated === 1 ? 'One that follows the backend stays' : `${generated} that follow the backend stay`} as Studio has it.</p>}
        </ConfirmDialog>
      )}
    </section>
  );
}
