import { door } from '@/lib/http/door';
import { createProject } from '@/lib/projects/create-project';
import { deleteProject } from '@/lib/projects/delete-project';
import { getProject } from '@/lib/projects/get-project';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { listProjectsText } from '@/lib/projects/list-projects';
import { restoreProject } from '@/lib/projects/restore-project';
import { retryProject } from '@/lib/projects/retry-project';
import { CreatedProject, CreateProject, DeleteProject, ListProjects, ProjectPage, ProjectView, ProvisioningView, UpdateProject } from '@/lib/projects/schemas';
import { updateProject } from '@/lib/projects/update-project';

export const projectDoors = [
  door({
    method: 'get', path: '/projects', tag: 'Projects', query: ListProjects, status: 200, returns: ProjectPage,
    summary: "An organization's projects, newest first",
    cachedFor: ({ query }) => (query['organization_id'] === undefined ? null : { organization: query['organization_id'] }),
    run: (ctx, { query }) => listProjectsText(ctx, query),
  }),
  door({
    method: 'post', path: '/projects', tag: 'Projects', body: CreateProject, status: 202, returns: CreatedProject,
    summary: 'Create a project; provisioning goes on after the answer',
    run: (ctx, { body }) => createProject(ctx, body),
  }),
  door({
    method: 'get', path: '/projects/{project}', tag: 'Projects', status: 200, returns: ProjectView,
    summary: 'One project with the rights of the caller',
    run: (ctx, { params }) => getProject(ctx, params.project),
  }),
  door({
    method: 'get', path: '/projects/{project}/provisioning', tag: 'Projects', status: 200, returns: ProvisioningView,
    summary: 'The steps of the newest change under way, with their state, attempts and reasons',
    run: (ctx, { params }) => getProvisioning(ctx, params.project),
  }),
  door({
    method: 'patch', path: '/projects/{project}', tag: 'Projects', body: UpdateProject, status: 200, returns: ProjectView,
    summary: 'Rename a project or change its framework',
    run: (ctx, { params, body }) => updateProject(ctx, params.project, body),
  }),
  door({
    method: 'delete', path: '/projects/{project}', tag: 'Projects', body: DeleteProject, status: 202, returns: ProjectView,
    summary: 'Delete a project; it can be restored for 30 days',
    run: (ctx, { params, body }) => deleteProject(ctx, params.project, body),
  }),
  door({
    method: 'post', path: '/projects/{project}/restore', tag: 'Projects', status: 202, returns: ProjectView,
    summary: 'Restore a deleted project',
    run: (ctx, { params }) => restoreProject(ctx, params.project),
  }),
  door({
    method: 'post', path: '/projects/{project}/retry', tag: 'Projects', status: 202, returns: ProjectView,
    summary: 'Try again what is stuck or failed',
    run: (ctx, { params }) => retryProject(ctx, params.project),
  }),
];
