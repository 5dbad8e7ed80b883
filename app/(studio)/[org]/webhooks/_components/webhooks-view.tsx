'use client';

import { useState } from 'react';
import { usePages } from '@/app/_live/use-pages';
import { AllowedButton } from '@/app/_ui/allowed';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { CodeBlock } from '@/app/_ui/code-block';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import { MoreRows } from '@/app/_ui/more-rows';
import { onDemand } from '@/app/_ui/on-demand';
import type { Page } from '@/lib/kernel/page';
import type { WebhookView } from '@/lib/webhooks/schemas';
import { apiPathOf, refusalIn, type WebhooksPlace } from './place';
import { WebhookTable } from './webhook-table';

const AddWebhook = onDemand(async () => (await import('./add-webhook')).AddWebhook);

const verifying = `import { Webhook } from 'standardwebhooks';

const event = new Webhook(process.env.STUDIO_WEBHOOK_SECRET).verify(body, headers);`;

interface WebhooksViewProps {
  place: WebhooksPlace;
  first: Page<WebhookView>;
}

export function WebhooksView({ place, first }: WebhooksViewProps) {
  const webhooks = usePages<WebhookView>({ path: apiPathOf(place), first });
  const [adding, setAdding] = useState(false);
  const add = (
    <AllowedButton reason={refusalIn(place)} kind="primary" icon={<Icon name="plus" />} onClick={() => setAdding(true)}>
      Add webhook
    </AllowedButton>
  );
  return (
    <PageBody>
      <PageHeader title="Webhooks" description="Addresses that Studio calls when something happens to projects and deployments, signed as Standard Webhooks says." actions={add} />
      {webhooks.rows.length === 0 ? (
        <EmptyState icon={<Icon name="webhook" className="size-5" />} title="No webhooks yet" action={add} command={<CodeBlock label="verification" caption="How a receiver checks a call" code={verifying} />}>
          Tell a chat, a pipeline or a service of your own about events as they happen. A call that fails is repeated for three days.
        </EmptyState>
      ) : (
        <>
          <WebhookTable place={place} webhooks={webhooks.rows} onChanged={webhooks.reload} />
          <MoreRows more={webhooks.more} busy={webhooks.loading} onMore={webhooks.loadMore} />
        </>
      )}
      {adding && <AddWebhook path={apiPathOf(place)} onClose={() => setAdding(false)} onAdded={() => void webhooks.reload()} />}
    </PageBody>
  );
}
