'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useAct } from '@/app/_forms/use-act';
import { useRemote } from '@/app/_live/use-remote';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { Notice } from '@/app/_ui/badge';
import { Card } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { StepList } from '@/app/_ui/step-list';
import { duration } from '@/app/_ui/time';
import { apiPost } from '@/lib/http/client';
import type { ProvisioningView } from '@/lib/projects/schemas';
import { shownSteps } from './shown-steps';
import { useNow } from './use-now';

interface ProvisioningPanelProps {
  projectId: string;
  mayRetry: boolean;
  /** As it stood when the page was made. */
  start: ProvisioningView;
}

/** The setting-up of a project, step by step as it happens. Reloading or coming back later shows where it is. */
export function ProvisioningPanel({ projectId, mayRetry, start }: ProvisioningPanelProps) {
  const router = useRouter();
  const { busy, act } = useAct();
  // Events make this fresh at once; the slow beat is for a lost stream.
  const remote = useRemote<ProvisioningView>({ path: `/projects/${projectId}/provisioning`, initial: start, everyMs: 2500 });
  const data = remote.data ?? start;
  const running = isRunning(data.status);
  const now = useNow(running);
  const { status } = data;
  useEffect(() => {
    if (status === 'ready') router.refresh();
  }, [status, router]);
  const retry = () =>
    act(async () => {
      await apiPost(`/projects/${projectId}/retry`);
      await remote.reload();
      router.refresh();
    });
  const done = data.steps.filter((step) => step.state === 'done' || step.state === 'skipped').length;
  return (
    <Card title={status === 'stuck' || status === 'failed' ? 'Setting up stopped' : 'Setting up'} description={running ? 'You can leave this page; the work goes on.' : undefined} actions={<Progress view={data} done={done} now={now} />}>
      <div className="flex flex-col gap-5">
        {(status === 'stuck' || status === 'failed') && (
          <Notice tone="bad" icon={<Icon name="triangle-alert" />} title={data.error?.message ?? 'A step failed for good.'}>
            <p>Nothing half-made is in use. Retrying starts again from the step that failed.</p>
            <div className="mt-3">
              <AllowedButton reason={mayRetry ? undefined : missingRight('project:retry')} busy={busy} icon={<Icon name="rotate-cw" />} onClick={retry}>
                Retry
              </AllowedButton>
            </div>
          </Notice>
        )}
        <StepList label="Steps" steps={shownSteps(data, now)} />
        <p role="status" className="sr-only">
          {done} of {data.steps.length} steps done
        </p>
      </div>
    </Card>
  );
}

function Progress({ view, done, now }: { view: ProvisioningView; done: number; now: number | null }) {
  if (view.started_at === null) return null;
  const end = view.finished_at === null ? now : Date.parse(view.finished_at);
  return (
    <p className="text-muted tabular-nums">
      {done} of {view.steps.length}
      {end !== null && ` · ${duration(end - Date.parse(view.started_at))}`}
    </p>
  );
}

function isRunning(status: ProvisioningView['status'] | undefined): boolean {
  return status === 'requested' || status === 'provisioning';
}
