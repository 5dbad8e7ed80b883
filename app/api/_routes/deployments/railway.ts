import { door, Reply } from '@/lib/http/door';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { disconnectRailway } from '@/lib/deployments/connection/disconnect-railway';
import { getRailway } from '@/lib/deployments/connection/get-railway';
import { createHook } from '@/lib/deployments/hook/create-hook';
import { getHook } from '@/lib/deployments/hook/get-hook';
import { removeHook } from '@/lib/deployments/hook/remove-hook';
import { HookAnswer, NewHook } from '@/lib/deployments/hook/schemas';
import { ListWorkspaces, listWorkspaces } from '@/lib/deployments/connection/list-workspaces';
import { ConnectRailway, RailwayAnswer, WorkspaceChoice } from '@/lib/deployments/connection/schemas';

const path = '/organizations/{organization}/railway';
const hook = '/projects/{project}/railway-hook';

export const railwayDoors = [
  door({
    method: 'get', path, tag: 'Deployments', status: 200, returns: RailwayAnswer,
    summary: 'The Railway workspace that an organization deploys to',
    run: (ctx, { params }) => getRailway(ctx, params.organization),
  }),
  door({
    method: 'put', path, tag: 'Deployments', body: ConnectRailway, status: 200, returns: RailwayAnswer,
    summary: 'Connect an organization to Railway; the token is checked there and kept sealed',
    run: (ctx, { params, body }) => connectRailway(ctx, params.organization, body),
  }),
  door({
    method: 'delete', path, tag: 'Deployments', status: 204, returns: null,
    summary: 'Forget the token; what runs at Railway goes on running',
    run: (ctx, { params }) => disconnectRailway(ctx, params.organization),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/railway/workspaces', tag: 'Deployments', body: ListWorkspaces, sends: 'headers', status: 200, returns: WorkspaceChoice,
    summary: 'The workspaces that a token reaches; nothing is kept',
    run: async (ctx, { params, body }) => new Reply(await listWorkspaces(ctx, params.organization, body)),
  }),
  door({
    method: 'get', path: hook, tag: 'Deployments', status: 200, returns: HookAnswer,
    summary: 'Whether the webhook of the Railway project has an address to call, and since when',
    run: (ctx, { params }) => getHook(ctx, params.project),
  }),
  door({
    method: 'post', path: hook, tag: 'Deployments', sends: 'headers', status: 201, returns: NewHook,
    summary: 'Make the address that the webhook of the Railway project calls, in the place of the one before; it is shown once',
    run: async (ctx, { params }) => new Reply(await createHook(ctx, params.project)),
  }),
  door({
    method: 'delete', path: hook, tag: 'Deployments', status: 204, returns: null,
    summary: 'Stop hearing the webhook of the Railway project',
    run: (ctx, { params }) => removeHook(ctx, params.project),
  }),
];
