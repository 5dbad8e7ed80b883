import { z } from 'zod';
import type { Ctx, Ports } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { newUuid } from '@/lib/kernel/ids';
import { deliver, type Attempt } from './delivery/deliver';
import { queueAttempt } from './emit';
import { createCallEndpoint, type CallEndpoint } from './transport/call-endpoint';

const DeliverWebhook = z.object({ organization_id: z.uuid(), delivery_id: z.uuid(), attempt: z.number().int().min(0) });

/** Of the eight jobs that a worker runs at once: endpoints that hang must leave room for everything else, and for other organizations. */
const mostCalls = 4;
const mostCallsOfOne = 2;

/** When there is no room, a job is put back for about this long. */
const postponeMs = 2_000;

/** What the worker does for webhooks, by task name. */
export function webhookTasks(ports: Ports, callEndpoint: CallEndpoint = createCallEndpoint({ loopback: ports.loopbackWebhooks })): Record<string, (payload: unknown) => Promise<void>> {
  const places = createPlaces();
  return {
    async 'deliver-webhook'(payload) {
      const { organization_id: organizationId, delivery_id: deliveryId, attempt } = DeliverWebhook.parse(payload);
      const ctx: Ctx = { ...ports, actor: { kind: 'system', job: 'webhooks' }, requestId: newUuid(), ip: null, userAgent: null };
      const leave = places.take(organizationId);
      if (leave === null) return postpone(ctx, { organizationId, deliveryId, attempt });
      try {
        await deliver(ctx, { organizationId, deliveryId, attempt }, callEndpoint);
      } finally {
        leave();
      }
    },
  };
}

async function postpone(ctx: Ctx, { organizationId, deliveryId, attempt }: Attempt): Promise<void> {
  const at = new Date(ctx.clock.now().getTime() + postponeMs * (0.5 + Math.random()));
  await within(ctx, { organizationId }, 'webhook:postpone', (tx) => queueAttempt(tx, { deliveryId, attempt, at }));
}

/** Places for calls under way in this process. */
function createPlaces() {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    /** Null when all are taken, or all of one organization; otherwise what gives the place back. */
    take(organizationId: string): (() => void) | null {
      const own = taken.get(organizationId) ?? 0;
      if (all >= mostCalls || own >= mostCallsOfOne) return null;
      all += 1;
      taken.set(organizationId, own + 1);
      return () => {
        all -= 1;
        const left = (taken.get(organizationId) ?? 1) - 1;
        if (left === 0) taken.delete(organizationId);
        else taken.set(organizationId, left);
      };
    },
  };
}
