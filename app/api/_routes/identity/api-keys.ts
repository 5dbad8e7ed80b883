import { z } from 'zod';
import { door } from '@/lib/http/door';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { listApiKeys } from '@/lib/identity/api-key/list-api-keys';
import { revokeApiKey } from '@/lib/identity/api-key/revoke-api-key';
import { ApiKeyView, CreateApiKey, CreatedApiKey, ListApiKeys } from '@/lib/identity/api-key/schemas';

export const apiKeyDoors = [
  door({
    method: 'get', path: '/organizations/{organization}/api-keys', tag: 'API keys', query: ListApiKeys, status: 200,
    returns: z.object({ data: z.array(ApiKeyView), next_cursor: z.string().nullable() }),
    summary: "The organization's keys for this API",
    run: (ctx, { params, query }) => listApiKeys(ctx, params.organization, query),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/api-keys', tag: 'API keys', body: CreateApiKey, status: 201, returns: CreatedApiKey,
    summary: 'Create a key; its secret is in this answer and never again',
    run: (ctx, { params, body }) => createApiKey(ctx, params.organization, body),
  }),
  door({
    method: 'delete', path: '/organizations/{organization}/api-keys/{api_key}', tag: 'API keys', status: 204, returns: null,
    summary: 'Revoke a key',
    run: (ctx, { params }) => revokeApiKey(ctx, params.organization, params.api_key),
  }),
];
