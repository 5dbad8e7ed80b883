import { z } from 'zod';
import { door } from '@/lib/http/door';
import { addPlatform } from '@/lib/projects/platform/add-platform';
import { listPlatforms } from '@/lib/projects/platform/list-platforms';
import { removePlatform } from '@/lib/projects/platform/remove-platform';
import { AddPlatform, PlatformView } from '@/lib/projects/platform/schemas';

export const platformDoors = [
  door({
    method: 'get', path: '/projects/{project}/platforms', tag: 'Web platforms', status: 200, returns: z.object({ data: z.array(PlatformView) }),
    summary: 'The hostnames that browsers may call the backend from',
    run: (ctx, { params }) => listPlatforms(ctx, params.project),
  }),
  door({
    method: 'post', path: '/projects/{project}/platforms', tag: 'Web platforms', body: AddPlatform, status: 201, returns: PlatformView,
    summary: 'Allow a hostname',
    run: (ctx, { params, body }) => addPlatform(ctx, params.project, body),
  }),
  door({
    method: 'delete', path: '/projects/{project}/platforms/{platform}', tag: 'Web platforms', status: 204, returns: null,
    summary: 'Remove a hostname',
    run: (ctx, { params }) => removePlatform(ctx, params.project, params.platform),
  }),
];
