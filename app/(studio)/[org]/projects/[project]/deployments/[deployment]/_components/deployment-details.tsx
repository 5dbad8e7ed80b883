'use client';

import { useState } from 'react';
import { useRemote } from '@/app/_live/use-remote';
import { missingRight } from '@/app/_shell/navigation';
import { Badge } from '@/app/_ui/badge';
import { buttonClass } from '@/app/_ui/button';
import { Card, PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { StepList } from '@/app/_ui/step-list';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { shownSteps } from '../../../_components/shown-steps';
import { useNow } from '../../../_components/use-now';
import { DeploymentStatus, isMoving } from '../../_components/deployment-status';
import { originOf } from '../../_components/deployment-words';
import { ReadProblem } from '../../_components/on-demand';
import { ActButtons } from './act-buttons';
import { DeploymentFacts, DeploymentNotice, LogViewer } from './on-demand';
import { StateHistory } from './state-history';

/** For when the stream of events is lost while the deployment is on its way. */
const movingEveryMs = 3000;

interface DeploymentDetailsProps {
  slug: string;
  projectId: string;
  /** As it stood when the page was made. */
  start: DeploymentDetail;
  mayDeploy: boolean;
}

/** One deployment as it happens: its state, the steps and Railway's states with their times, and its logs. */
export function DeploymentDetails({ slug, projectId, start, mayDeploy }: DeploymentDetailsProps) {
  const [moving, setMoving] = useState(isMoving(start.status));
  const { data, error, reload } = useRemote<DeploymentDetail>({ path: `/projects/${projectId}/deployments/${start.id}`, initial: start, everyMs: moving ? movingEveryMs : undefined });
  const shown = data ?? start;
  if (isMoving(shown.status) !== moving) setMoving(!moving);
  const working = moving || shown.steps.some(({ state }) => state === 'running' || state === 'retrying' || state === 'undoing');
  const now = useNow(working);
  const refusal = mayDeploy ? undefined : missingRight('deployment:write');
  // A step is skipped when an earlier deployment has done it for good.
  const steps = shownSteps({ steps: shown.steps.map((step) => ({ ...step, reason: step.state === 'skipped' ? (step.reason ?? 'There already.') : step.reason, next_attempt_at: null })) }, now);
  return (
    <PageBody width="full">
      <PageHeader
        title={`Deployment #${shown.number}`}
        description={`${originOf(shown) ?? 'Deployed'} in ${shown.environment}`}
        badge={
          <>
            <DeploymentStatus status={shown.status} />
            {shown.live && <Badge tone="good">Live</Badge>}
          </>
        }
        actions={
          <>
            <ActButtons deployment={shown} slug={slug} projectId={projectId} refusal={refusal} onChanged={reload} />
            {shown.url !== null && (
              <a href={shown.url} target="_blank" rel="noreferrer" className={buttonClass('primary')}>
                <Icon name="external-link" /> Open app
              </a>
            )}
          </>
        }
      />
      {error !== null && <ReadProblem error={error} />}
      {!shown.live && <DeploymentNotice deployment={shown} />}
      <p role="status" className="sr-only">
        The state is {shown.status.toLowerCase().replace('_', ' ')}
      </p>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-[20rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr] lg:items-start">
        <div className="flex min-w-0 flex-col gap-6">
          {steps.length > 0 && (
            <Card title="Steps">
              <StepList label="Steps" steps={steps} />
            </Card>
          )}
          <Card title="States">
            <StateHistory states={shown.states} until={moving ? now : null} />
          </Card>
        </div>
        <div className="min-w-0 lg:row-span-2">
          <LogViewer projectId={projectId} deployment={{ id: shown.id, number: shown.number, status: shown.status }} />
        </div>
        <DeploymentFacts deployment={shown} slug={slug} />
      </div>
    </PageBody>
  );
}
