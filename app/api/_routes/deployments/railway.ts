import { door, Reply } from '@/lib/http/door';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { disconnectRailway } from '@/lib/deployments/connection/disconnect-railway';
import { getRailway } from '@/lib/deployments/connection/get-railway';
import { createHook, HookView } from '@/lib/deployments/hook/create-hook';
import { ListWorkspaces, listWorkspaces } from '@/lib/deployments/connection/list-workspaces';
import { ConnectRailway, RailwayAnswer, WorkspaceChoice } from '@/lib/deployments/connection/schemas';

const path = '/organizations/{organization}/railway';

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
    method: 'post', path: '/projects/{project}/railway-hook', tag: 'Deployments', sends: 'headers', status: 201, returns: HookView,
    summary: 'Make the address that the webhook of the Railway project calls; it is shown once',
    run: async (ctx, { params }) => new Reply(await createHook(ctx, params.project)),
  }),
];
