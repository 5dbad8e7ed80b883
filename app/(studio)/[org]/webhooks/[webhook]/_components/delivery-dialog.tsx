'use client';

import type { ReactNode } from 'react';
import { CodeBlock, CopyValue } from '@/app/_ui/code-block';
import { Dialog } from '@/app/_ui/dialog';
import { exactUtc } from '@/app/_ui/time';
import type { DeliveryView } from '@/lib/webhooks/delivery/schemas';
import { DeliveryState } from './delivery-state';

/** One delivery whole: how its attempts went, and what is sent. */
export function DeliveryDialog({ delivery, onClose }: { delivery: DeliveryView; onClose: () => void }) {
  return (
    <Dialog title={delivery.type} description={exactUtc(delivery.created_at)} width="wide" onClose={onClose}>
      <CopyValue value={delivery.id} label="event id" />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2">
        <Line label="State">
          <DeliveryState of={delivery} />
        </Line>
        <Line label="Attempts">{delivery.attempts}</Line>
        {delivery.last_attempt_at !== null && <Line label="Last attempt">{`${exactUtc(delivery.last_attempt_at)}${delivery.last_duration_ms === null ? '' : `, took ${delivery.last_duration_ms} ms`}`}</Line>}
        {delivery.last_status !== null && <Line label="Answer">{delivery.last_status}</Line>}
        {delivery.last_error !== null && <Line label="What went wrong">{delivery.last_error}</Line>}
        {delivery.next_attempt_at !== null && <Line label="Next attempt">{exactUtc(delivery.next_attempt_at)}</Line>}
      </dl>
      <CodeBlock label="body" caption="Body" code={JSON.stringify(delivery.payload, null, 2)} />
    </Dialog>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
