import { z } from 'zod';
import { door } from '@/lib/http/door';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { deleteWebhook } from '@/lib/webhooks/delete-webhook';
import { getWebhook } from '@/lib/webhooks/get-webhook';
import { listWebhooks } from '@/lib/webhooks/list-webhooks';
import { rotateSecret } from '@/lib/webhooks/rotate-secret';
import { CreateWebhook, ListWebhooks, UpdateWebhook, WebhookView, WebhookWithSecret } from '@/lib/webhooks/schemas';
import { updateWebhook } from '@/lib/webhooks/update-webhook';

export const webhookDoors = [
  door({
    method: 'get', path: '/organizations/{organization}/webhooks', tag: 'Webhooks', query: ListWebhooks, status: 200,
    returns: z.object({ data: z.array(WebhookView), next_cursor: z.string().nullable() }),
    summary: 'Endpoints that are called on events',
    run: (ctx, { params, query }) => listWebhooks(ctx, params.organization, query),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/webhooks', tag: 'Webhooks', body: CreateWebhook, status: 201, returns: WebhookWithSecret,
    summary: 'Register an endpoint; its signing secret is in this answer and never again',
    run: (ctx, { params, body }) => createWebhook(ctx, params.organization, body),
  }),
  door({
    method: 'get', path: '/organizations/{organization}/webhooks/{webhook}', tag: 'Webhooks', status: 200, returns: WebhookView,
    summary: 'One endpoint',
    run: (ctx, { params }) => getWebhook(ctx, params.organization, params.webhook),
  }),
  door({
    method: 'patch', path: '/organizations/{organization}/webhooks/{webhook}', tag: 'Webhooks', body: UpdateWebhook, status: 200, returns: WebhookView,
    summary: 'Change an endpoint, or switch it off or on again',
    run: (ctx, { params, body }) => updateWebhook(ctx, params.organization, params.webhook, body),
  }),
  door({
    method: 'delete', path: '/organizations/{organization}/webhooks/{webhook}', tag: 'Webhooks', status: 204, returns: null,
    summary: 'Remove an endpoint and the record of what was sent to it',
    run: (ctx, { params }) => deleteWebhook(ctx, params.organization, params.webhook),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/webhooks/{webhook}/rotate-secret', tag: 'Webhooks', status: 200, returns: WebhookWithSecret,
    summary: 'Replace the signing secret; both sign for 24 hours, and the new one is in this answer only',
    run: (ctx, { params }) => rotateSecret(ctx, params.organization, params.webhook),
  }),
];
