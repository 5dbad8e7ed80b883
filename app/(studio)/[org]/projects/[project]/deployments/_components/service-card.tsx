'use client';

import { useState } from 'react';
import { AllowedButton } from '@/app/_ui/allowed';
import { Badge } from '@/app/_ui/badge';
import { buttonClass } from '@/app/_ui/button';
import { Card } from '@/app/_ui/card';
import { CopyButton } from '@/app/_ui/copy-button';
import { Icon } from '@/app/_ui/icon';
import { onDemand } from '@/app/_ui/on-demand';
import { RelativeTime } from '@/app/_ui/relative-time';
import type { ServiceView } from '@/lib/deployments/service/schemas';
import { sourceKinds } from './deployment-words';
import { Fact } from './fact';

const RemoveAppDialog = onDemand(async () => (await import('./remove-app-dialog')).RemoveAppDialog);

interface ServiceCardProps {
  service: ServiceView;
  /** The name to type before it is removed. */
  projectName: string;
  refusal: string | undefined;
  onChanged: () => Promise<unknown>;
}

/** The app of one environment: where it answers, where it comes from, and its end. */
export function ServiceCard({ service, projectName, refusal, onChanged }: ServiceCardProps) {
  const [removing, setRemoving] = useState(false);
  const { source, url } = service;
  return (
    <Card
      title="App"
      actions={
        url === null ? undefined : (
          <a href={url} target="_blank" rel="noreferrer" className={buttonClass()}>
            <Icon name="external-link" /> Open app
          </a>
        )
      }
    >
      <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2 lg:grid-cols-3">
        <Fact label="Address" mono={url !== null}>
          {url === null ? 'None before the first deployment' : url}
          {url !== null && <CopyButton text={url} label="Copy address" />}
        </Fact>
        <Fact label={sourceKinds[source.kind]} mono={source.kind !== 'example'}>
          {source.kind === 'example' ? 'Notes' : source.name}
          {source.kind === 'repository' && source.branch !== null && <span className="text-muted">{source.branch}</span>}
        </Fact>
        {source.root_directory !== null && <Fact label="Folder" mono>{source.root_directory}</Fact>}
        {source.build_command !== null && <Fact label="Build command" mono>{source.build_command}</Fact>}
        {source.start_command !== null && <Fact label="Start command" mono>{source.start_command}</Fact>}
        {source.healthcheck_path !== null && <Fact label="Health check" mono>{source.healthcheck_path}</Fact>}
        <Fact label="First deployed">
          <RelativeTime at={service.created_at} />
          {service.busy && <Badge tone="info" icon={<Icon name="loader-circle" className="spin size-3" />}>Changing</Badge>}
        </Fact>
      </dl>
      <div className="mt-5 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
        <p className="text-sm text-muted">Removing the app ends it at Railway. The backend with its data stays.</p>
        <AllowedButton kind="danger" size="small" reason={refusal ?? (service.busy ? 'Not while a deployment is on its way.' : undefined)} onClick={() => setRemoving(true)}>
          Remove app
        </AllowedButton>
      </div>
      {removing && <RemoveAppDialog service={service} projectName={projectName} onClose={() => setRemoving(false)} onChanged={onChanged} />}
    </Card>
  );
}
