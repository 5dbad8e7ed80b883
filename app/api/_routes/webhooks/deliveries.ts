import { z } from 'zod';
import { door } from '@/lib/http/door';
import { listDeliveries } from '@/lib/webhooks/delivery/list-deliveries';
import { replayDelivery } from '@/lib/webhooks/delivery/replay-delivery';
import { DeliveryView, ListDeliveries } from '@/lib/webhooks/delivery/schemas';
import { sendTest } from '@/lib/webhooks/delivery/send-test';

export const deliveryDoors = [
  door({
    method: 'post', path: '/organizations/{organization}/webhooks/{webhook}/test', tag: 'Webhooks', status: 202, returns: DeliveryView,
    summary: 'Send the event webhook.test',
    run: (ctx, { params }) => sendTest(ctx, params.organization, params.webhook),
  }),
  door({
    method: 'get', path: '/organizations/{organization}/webhooks/{webhook}/deliveries', tag: 'Webhooks', query: ListDeliveries, status: 200,
    returns: z.object({ data: z.array(DeliveryView), next_cursor: z.string().nullable() }),
    summary: 'What was sent in the last 30 days, and how it went',
    run: (ctx, { params, query }) => listDeliveries(ctx, params.organization, params.webhook, query),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/webhooks/{webhook}/deliveries/{event}/replay', tag: 'Webhooks', status: 202, returns: DeliveryView,
    summary: 'Send an event once more, under the same id',
    run: (ctx, { params }) => replayDelivery(ctx, params.organization, params.webhook, params.event),
  }),
];
