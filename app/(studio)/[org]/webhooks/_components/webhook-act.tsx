'use client';

import { ConfirmDialog } from '@/app/(studio)/_components/confirm-dialog';
import { notify } from '@/app/_ui/notify';
import { apiDelete, apiPatch, apiPost } from '@/lib/http/client';
import type { WebhookView, WebhookWithSecret } from '@/lib/webhooks/schemas';
import { apiPathOf, nameOf, type WebhooksPlace } from './place';
import { WebhookDialog } from './webhook-dialog';

export type Act = 'edit' | 'rotate' | 'delete';

interface WebhookActProps {
  act: Act;
  of: WebhookView;
  place: WebhooksPlace;
  onClose: () => void;
  onChanged: () => Promise<unknown>;
  onDeleted: () => void;
  onRotated: (webhook: WebhookWithSecret) => void;
}

/** What the menu of a webhook opens; loaded when it is first needed. */
export function WebhookAct({ act, of: webhook, place, onClose, onChanged, onDeleted, onRotated }: WebhookActProps) {
  const [name, path] = [nameOf(webhook), apiPathOf(place, webhook)];
  if (act === 'edit') {
    return (
      <WebhookDialog
        title={`Edit ${name}`}
        action="Save"
        start={webhook}
        onClose={onClose}
        send={async (fields) => {
          await apiPatch<WebhookView>(path, fields);
          await onChanged();
          onClose();
        }}
      />
    );
  }
  if (act === 'rotate') {
    return (
      <ConfirmDialog
        title={`Rotate the secret of ${name}`}
        action="Rotate secret"
        onClose={onClose}
        onConfirm={async () => {
          onRotated(await apiPost<WebhookWithSecret>(`${path}/rotate-secret`));
          await onChanged();
        }}
      >
        <p>For 24 hours calls carry two signatures, one made with each secret. Give the receiver the new one before that ends.</p>
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog
      title={`Delete ${name}`}
      action="Delete webhook"
      onClose={onClose}
      onConfirm={async () => {
        await apiDelete(path);
        notify('success', { title: 'Webhook deleted' });
        onDeleted();
      }}
    >
      <p>Nothing more is sent to it, and the record of what was sent goes with it. To pause instead, switch it off.</p>
    </ConfirmDialog>
  );
}
