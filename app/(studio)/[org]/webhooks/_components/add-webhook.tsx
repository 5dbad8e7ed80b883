'use client';

import { useState } from 'react';
import { apiPost } from '@/lib/http/client';
import { eventTypes } from '@/lib/webhooks/events';
import type { WebhookWithSecret } from '@/lib/webhooks/schemas';
import { nameOf } from './place';
import { WebhookDialog } from './webhook-dialog';
import { WebhookSecret } from './webhook-secret';

interface AddWebhookProps {
  /** Of the webhooks in the API. */
  path: string;
  onClose: () => void;
  onAdded: () => void;
}

/** From the form to the secret, which is shown once. */
export function AddWebhook({ path, onClose, onAdded }: AddWebhookProps) {
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  if (made !== null) return <WebhookSecret title={`Secret of ${nameOf(made)}`} of={made} onClose={onClose} />;
  return (
    <WebhookDialog
      title="Add webhook"
      action="Add webhook"
      start={{ url: '', description: null, events: [...eventTypes] }}
      onClose={onClose}
      send={async (fields, intent) => {
        setMade(await apiPost<WebhookWithSecret>(path, fields, intent));
        onAdded();
      }}
    />
  );
}
