import { z } from 'zod';
import { door, Raw } from '@/lib/http/door';
import { cancelDeployment, restartDeployment, stopDeployment } from '@/lib/deployments/act-on-deployment';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { downloadLogs, readLogs } from '@/lib/deployments/log/read-logs';
import { LogsView, ReadLogs } from '@/lib/deployments/log/schemas';
import { previewDeployment } from '@/lib/deployments/preview-deployment';
import { redeploy, rollback } from '@/lib/deployments/repeat-deployment';
import { CreateDeployment, DeploymentDetail, DeploymentPreview, DeploymentView, ListDeployments, PreviewDeployment } from '@/lib/deployments/schemas';

const all = '/projects/{project}/deployments';
const one = '/projects/{project}/deployments/{deployment}';

export const deploymentDoors = [
  door({
    method: 'get', path: all, tag: 'Deployments', query: ListDeployments, status: 200, returns: z.object({ data: z.array(DeploymentView), next_cursor: z.string().nullable() }),
    summary: 'The deployments of a project, newest first',
    run: (ctx, { params, query }) => listDeployments(ctx, params.project, query),
  }),
  door({
    method: 'post', path: all, tag: 'Deployments', body: CreateDeployment, status: 202, returns: DeploymentView,
    summary: 'Deploy an app with the variables of an environment; follow it by its state',
    run: (ctx, { params, body }) => createDeployment(ctx, params.project, body),
  }),
  door({
    method: 'post', path: '/projects/{project}/deployments/preview', tag: 'Deployments', body: PreviewDeployment, status: 200, returns: DeploymentPreview,
    summary: 'What a deployment would change among the variables at Railway',
    run: (ctx, { params, body }) => previewDeployment(ctx, params.project, body),
  }),
  door({
    method: 'get', path: one, tag: 'Deployments', status: 200, returns: DeploymentDetail,
    summary: 'One deployment with its steps and states',
    run: (ctx, { params }) => getDeployment(ctx, params.project, params.deployment),
  }),
  door({
    method: 'post', path: '/projects/{project}/deployments/{deployment}/redeploy', tag: 'Deployments', status: 202, returns: DeploymentView,
    summary: 'Deploy the same commit again, with the variables as they are now',
    run: (ctx, { params }) => redeploy(ctx, params.project, params.deployment),
  }),
  door({
    method: 'post', path: '/projects/{project}/deployments/{deployment}/rollback', tag: 'Deployments', status: 202, returns: DeploymentView,
    summary: 'Go back to an earlier deployment, with the current key',
    run: (ctx, { params }) => rollback(ctx, params.project, params.deployment),
  }),
  door({
    method: 'post', path: '/projects/{project}/deployments/{deployment}/restart', tag: 'Deployments', status: 202, returns: DeploymentView,
    summary: 'Restart the app from the same build',
    run: (ctx, { params }) => restartDeployment(ctx, params.project, params.deployment),
  }),
  door({
    method: 'post', path: '/projects/{project}/deployments/{deployment}/stop', tag: 'Deployments', status: 202, returns: DeploymentView,
    summary: 'Stop the app',
    run: (ctx, { params }) => stopDeployment(ctx, params.project, params.deployment),
  }),
  door({
    method: 'post', path: '/projects/{project}/deployments/{deployment}/cancel', tag: 'Deployments', status: 202, returns: DeploymentView,
    summary: 'Give up a deployment that is not up yet',
    run: (ctx, { params }) => cancelDeployment(ctx, params.project, params.deployment),
  }),
  door({
    method: 'get', path: '/projects/{project}/deployments/{deployment}/logs', tag: 'Deployments', query: ReadLogs, status: 200, returns: LogsView,
    summary: 'The newest lines of a deployment',
    run: (ctx, { params, query }) => readLogs(ctx, params.project, params.deployment, query),
  }),
  door({
    method: 'get', path: '/projects/{project}/deployments/{deployment}/logs/download', tag: 'Deployments', query: ReadLogs, sends: 'text', status: 200, returns: null,
    summary: 'The lines of a deployment as a file',
    run: async (ctx, { params, query }) =>
      new Raw(await downloadLogs(ctx, params.project, params.deployment, query), {
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="${params.deployment}-${query['kind'] === 'build' ? 'build' : 'runtime'}.log"`,
      }),
  }),
];
