import { z } from 'zod';
import { door } from '@/lib/http/door';
import { createKey } from '@/lib/projects/key/create-key';
import { listKeys } from '@/lib/projects/key/list-keys';
import { revokeKey } from '@/lib/projects/key/revoke-key';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import { CreatedKey, CreateKey, KeyView, RotateKey } from '@/lib/projects/key/schemas';

export const keyDoors = [
  door({
    method: 'get', path: '/projects/{project}/keys', tag: 'Project keys', status: 200, returns: z.object({ data: z.array(KeyView) }),
    summary: "The project's Appwrite keys",
    run: (ctx, { params }) => listKeys(ctx, params.project),
  }),
  door({
    method: 'post', path: '/projects/{project}/keys', tag: 'Project keys', body: CreateKey, status: 201, returns: CreatedKey,
    summary: 'Create an Appwrite key; its secret is in this answer and never again',
    run: (ctx, { params, body }) => createKey(ctx, params.project, body),
  }),
  door({
    method: 'post', path: '/projects/{project}/keys/{key}/rotate', tag: 'Project keys', body: RotateKey, status: 201, returns: CreatedKey,
    summary: 'Replace a key; the old one works on for the overlap and is then revoked by itself',
    run: (ctx, { params, body }) => rotateKey(ctx, params.project, params.key, body),
  }),
  door({
    method: 'delete', path: '/projects/{project}/keys/{key}', tag: 'Project keys', status: 200, returns: KeyView,
    summary: 'Revoke a key at once',
    run: (ctx, { params }) => revokeKey(ctx, params.project, params.key),
  }),
];
