import { z } from 'zod';
import { door } from '@/lib/http/door';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { listEnvironments } from '@/lib/projects/environment/list-environments';
import { removeEnvironment } from '@/lib/projects/environment/remove-environment';
import { CreateEnvironment, EnvironmentView } from '@/lib/projects/environment/schemas';

export const environmentDoors = [
  door({
    method: 'get', path: '/projects/{project}/environments', tag: 'Environment', status: 200, returns: z.object({ data: z.array(EnvironmentView) }),
    summary: 'The environments of a project, production first',
    run: (ctx, { params }) => listEnvironments(ctx, params.project),
  }),
  door({
    method: 'post', path: '/projects/{project}/environments', tag: 'Environment', body: CreateEnvironment, status: 201, returns: EnvironmentView,
    summary: 'Add an environment with a key of its own',
    run: (ctx, { params, body }) => createEnvironment(ctx, params.project, body),
  }),
  door({
    method: 'delete', path: '/projects/{project}/environments/{environment}', tag: 'Environment', status: 204, returns: null,
    summary: 'Remove an environment: its variables are gone and its keys stop working',
    run: (ctx, { params }) => removeEnvironment(ctx, params.project, params.environment),
  }),
];
