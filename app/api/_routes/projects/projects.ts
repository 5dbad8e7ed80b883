import { door } from '@/lib/http/door';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { listProjectsText } from '@/lib/projects/list-projects';
import { CreatedProject, CreateProject, ListProjects, ProjectPage, ProjectView, ProvisioningView } from '@/lib/projects/schemas';

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
];
