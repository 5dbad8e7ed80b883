'use client';

import { useState } from 'react';
import { useAct } from '@/app/_forms/use-act';
import { notify } from '@/app/_ui/notify';
import { onDemand } from '@/app/_ui/on-demand';
import { RowMenu } from '@/app/_ui/row-menu';
import { apiPatch } from '@/lib/http/client';
import type { WebhookView, WebhookWithSecret } from '@/lib/webhooks/schemas';
import { apiPathOf, nameOf, refusalIn, type WebhooksPlace } from './place';
import type { Act } from './webhook-act';

const WebhookAct = onDemand(async () => (await import('./webhook-act')).WebhookAct);
const WebhookSecret = onDemand(async () => (await import('./webhook-secret')).WebhookSecret);

interface WebhookMenuProps {
  of: WebhookView;
  place: WebhooksPlace;
  onChanged: () => Promise<unknown>;
  onDeleted: () => void;
}

/** Everything that can be done with a webhook but sending. */
export function WebhookMenu({ of: webhook, place, onChanged, onDeleted }: WebhookMenuProps) {
  const [asking, setAsking] = useState<Act | null>(null);
  const [fresh, setFresh] = useState<WebhookWithSecret | null>(null);
  const { act } = useAct();
  const refusal = refusalIn(place);
  const turn = () =>
    act(async () => {
      await apiPatch<WebhookView>(apiPathOf(place, webhook), { enabled: !webhook.enabled });
      await onChanged();
      notify('success', { title: webhook.enabled ? 'Webhook switched off' : 'Webhook switched on' });
    });
  return (
    <>
      <RowMenu
        label={`Actions for ${nameOf(webhook)}`}
        actions={[
          { icon: 'settings-2', words: 'Edit', refusal, onSelect: () => setAsking('edit') },
          { icon: 'rotate-cw', words: 'Rotate secret', refusal, onSelect: () => setAsking('rotate') },
          { icon: webhook.enabled ? 'x' : 'check', words: webhook.enabled ? 'Switch off' : 'Switch on', refusal, onSelect: turn },
          { icon: 'trash-2', words: 'Delete', danger: true, refusal, onSelect: () => setAsking('delete') },
        ]}
      />
      {asking !== null && <WebhookAct act={asking} of={webhook} place={place} onClose={() => setAsking(null)} onChanged={onChanged} onDeleted={onDeleted} onRotated={setFresh} />}
      {fresh !== null && <WebhookSecret title={`New secret of ${nameOf(webhook)}`} of={fresh} onClose={() => setFresh(null)} />}
    </>
  );
}
