'use client';

import { useRouter } from 'next/navigation';
import { useAct } from '@/app/_forms/use-act';
import { usePages } from '@/app/_live/use-pages';
import { useRemote } from '@/app/_live/use-remote';
import { AllowedButton } from '@/app/_ui/allowed';
import { Card, PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { apiPost } from '@/lib/http/client';
import type { Page } from '@/lib/kernel/page';
import { paths } from '@/lib/paths';
import type { DeliveryView } from '@/lib/webhooks/delivery/schemas';
import type { WebhookView } from '@/lib/webhooks/schemas';
import { apiPathOf, nameOf, refusalIn, type WebhooksPlace } from '../../_components/place';
import { WebhookMenu } from '../../_components/webhook-menu';
import { WebhookState } from '../../_components/webhook-state';
import { DeliveryTable } from './delivery-table';
import { WebhookNotice } from './webhook-notice';

interface WebhookDetailProps {
  place: WebhooksPlace;
  first: WebhookView;
  firstDeliveries: Page<DeliveryView>;
}

export function WebhookDetail({ place, first, firstDeliveries }: WebhookDetailProps) {
  const router = useRouter();
  const path = apiPathOf(place, first);
  const { data: webhook = first, reload } = useRemote<WebhookView>({ path, initial: first });
  const deliveries = usePages<DeliveryView>({ path: `${path}/deliveries`, first: firstDeliveries });
  const { busy, act } = useAct();
  const off = webhook.enabled ? undefined : 'The webhook is switched off. Switch it on first.';
  const refusal = refusalIn(place) ?? off;
  const reloadAll = () => Promise.all([reload(), deliveries.reload()]);
  const send = () =>
    act(async () => {
      await apiPost<DeliveryView>(`${path}/test`);
      await deliveries.reload();
      notify('success', { title: 'Test event on its way' });
    });
  return (
    <PageBody>
      <PageHeader
        title={nameOf(webhook)}
        badge={<WebhookState of={webhook} />}
        description="What was sent in the last 30 days, and how it went."
        actions={
          <>
            <AllowedButton reason={refusal} kind="primary" busy={busy} icon={<Icon name="send" />} onClick={send}>
              Send test
            </AllowedButton>
            <WebhookMenu of={webhook} place={place} onChanged={reloadAll} onDeleted={() => router.push(paths.webhooks(place.slug))} />
          </>
        }
      />
      <WebhookNotice of={webhook} />
      <Card title="Endpoint" description={`Called on ${webhook.events.join(', ')}.`}>
        <p className="font-mono text-sm break-all">{webhook.url}</p>
      </Card>
      <DeliveryTable path={path} pages={deliveries} refusal={refusal} />
    </PageBody>
  );
}
