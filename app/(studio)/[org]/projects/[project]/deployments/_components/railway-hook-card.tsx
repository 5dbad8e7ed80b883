'use client';

import { useState } from 'react';
import { useAct } from '@/app/_forms/use-act';
import { useRemote } from '@/app/_live/use-remote';
import { AllowedButton } from '@/app/_ui/allowed';
import { Card } from '@/app/_ui/card';
import { onDemand } from '@/app/_ui/on-demand';
import { RelativeTime } from '@/app/_ui/relative-time';
import type { HookAnswer, NewHook } from '@/lib/deployments/hook/schemas';
import { apiPost } from '@/lib/http/client';

const RailwayHookDialogs = onDemand(async () => (await import('./railway-hook-dialogs')).RailwayHookDialogs);

/** What is asked, or the new address that is shown. */
export type HookShown = { kind: 'replace' } | { kind: 'remove' } | { kind: 'address'; url: string };

interface RailwayHookCardProps {
  projectId: string;
  /** As it stood when the page was made. */
  start: HookAnswer;
  refusal: string | undefined;
}

/** The address at which the webhook of the Railway project tells that something happened there. */
export function RailwayHookCard({ projectId, start, refusal }: RailwayHookCardProps) {
  const path = `/projects/${projectId}/railway-hook`;
  const { data = start, reload } = useRemote<HookAnswer>({ path, initial: start });
  const { busy, act } = useAct();
  const [shown, setShown] = useState<HookShown | null>(null);
  const create = async () => {
    const { url } = await apiPost<NewHook>(path, {}, null);
    setShown({ kind: 'address', url });
    await reload();
  };
  return (
    <Card title="Hear from Railway at once" description="By itself Studio looks at a resting app every few minutes. A webhook of the Railway project makes it look as soon as something happens there.">
      <div className="flex flex-wrap items-center justify-between gap-3">
        {data.hook === null ? (
          <>
            <p className="min-w-0 flex-1 basis-64 text-sm text-muted">No address is set up. Railway has to reach this Studio to call it.</p>
            <AllowedButton reason={refusal} busy={busy} onClick={() => act(create)}>
              Create address
            </AllowedButton>
          </>
        ) : (
          <>
            <p className="min-w-0 flex-1 basis-64 text-sm text-muted">
              An address is set up
              {data.hook.created_at !== null && (
                <>
                  , created <RelativeTime at={data.hook.created_at} />
                </>
              )}
              . It was shown once; replace it if it is lost.
            </p>
            <span className="flex flex-wrap gap-2">
              <AllowedButton reason={refusal} onClick={() => setShown({ kind: 'replace' })}>
                Replace address
              </AllowedButton>
              <AllowedButton kind="danger" reason={refusal} onClick={() => setShown({ kind: 'remove' })}>
                Remove address
              </AllowedButton>
            </span>
          </>
        )}
      </div>
      {shown !== null && <RailwayHookDialogs shown={shown} path={path} onReplace={create} onRemoved={reload} onClose={(closed) => setShown((now) => (now === closed ? null : now))} />}
    </Card>
  );
}
