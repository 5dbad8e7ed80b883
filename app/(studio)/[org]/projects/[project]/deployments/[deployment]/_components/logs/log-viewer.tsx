'use client';

import { useState } from 'react';
import { Card } from '@/app/_ui/card';
import { Tabs } from '@/app/_ui/tabs';
import type { DeploymentView } from '@/lib/deployments/schemas';
import { LogPane } from './log-pane';

interface LogViewerProps {
  projectId: string;
  deployment: Pick<DeploymentView, 'id' | 'number' | 'status'>;
}

/** States in which there is nothing but a build to look at. */
const beforeItRuns: ReadonlySet<DeploymentView['status']> = new Set(['PREPARING', 'QUEUED', 'WAITING', 'NEEDS_APPROVAL', 'INITIALIZING', 'BUILDING', 'FAILED', 'SKIPPED']);

export function LogViewer(props: LogViewerProps) {
  // Decided once: a tab must not change under somebody who reads.
  const [start] = useState(beforeItRuns.has(props.deployment.status) ? 'build' : 'runtime');
  return (
    <Card title="Logs">
      <Tabs
        label="Logs"
        start={start}
        items={[
          { key: 'build', label: 'Build', content: <LogPane {...props} kind="build" /> },
          { key: 'runtime', label: 'Runtime', content: <LogPane {...props} kind="runtime" /> },
        ]}
      />
    </Card>
  );
}
