'use client';

import { useState } from 'react';
import type { Rule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { EventPicker } from './event-picker';

export interface WebhookFields {
  url: string;
  description: string | null;
  events: string[];
}

interface WebhookDialogProps {
  title: string;
  action: string;
  start: WebhookFields;
  onClose: () => void;
  send: (fields: WebhookFields, intent: string) => Promise<void>;
}

const addressRule: Rule = (text) => {
  if (text.trim() === '') return 'Type the address that Studio should call.';
  return /^https?:\/\/\S+$/.test(text.trim()) ? undefined : 'Write the whole address, like https://hooks.example.com/studio.';
};

/** The form behind both registering and editing. */
export function WebhookDialog({ title, action, start, onClose, send }: WebhookDialogProps) {
  const [events, setEvents] = useState<ReadonlySet<string>>(new Set(start.events));
  const form = useApiForm({
    fields: {
      url: { label: 'Address', start: start.url, rule: addressRule },
      description: { label: 'Name', start: start.description ?? '', rule: (text) => ([...text].length > 120 ? 'Use at most 120 characters.' : undefined) },
    },
    send: ({ url, description }, intent) => send({ url, description: description.trim() === '' ? null : description, events: [...events] }, intent),
  });
  return (
    <Dialog title={title} description="Studio sends a signed POST to this address on the events you choose." width="wide" onClose={onClose}>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField mono autoFocus autoComplete="off" inputMode="url" placeholder="https://hooks.example.com/studio" {...form.field('url')} />
        <TextField optional autoComplete="off" placeholder="Chat of the team" {...form.field('description')} />
        <EventPicker chosen={events} onChange={setEvents} />
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
