'use client';

import type { ReactNode } from 'react';
import { CodeBlock } from '@/app/_ui/code-block';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { ConnectRailway, type ConnectRailwayAsked } from '../../../../_components/connect-railway';

interface NothingDeployedProps {
  projectId: string;
  environment: EnvironmentName;
  /** What connecting needs, while the organization has no Railway workspace. */
  connect: ConnectRailwayAsked | null;
  action: ReactNode;
}

/** The page before its first deployment. */
export function NothingDeployed({ projectId, environment, connect, action }: NothingDeployedProps) {
  if (connect !== null) {
    return (
      <EmptyState icon={<Icon name="plug" className="size-5" />} title="Railway is not connected" action={<ConnectRailway {...connect}>Connect Railway</ConnectRailway>}>
        Apps are built and run in a Railway workspace of the organization. Connect it once, for all projects.
      </EmptyState>
    );
  }
  const body = JSON.stringify({ environment, source: { kind: 'image', image: 'ghcr.io/owner/name:tag' } });
  return (
    <EmptyState
      icon={<Icon name="rocket" className="size-5" />}
      title={`Nothing is deployed to ${environment}`}
      action={action}
      command={
        <CodeBlock label="API call" caption="The same from a terminal" code={`curl -X POST "$STUDIO_URL/api/v1/projects/${projectId}/deployments" -H "Authorization: Bearer $STUDIO_TOKEN" -H "Content-Type: application/json" -d '${body}'`} />
      }
    >
      Pick a Git repository, a container image or the shipped example. You see which variables it gets before anything begins.
    </EmptyState>
  );
}
