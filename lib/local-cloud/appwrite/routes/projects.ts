import { AppwriteError, invalidParam } from '../errors';
import { DuplicateDocument, find, findBy, insert, remove, update } from '../documents';
import { uniqueId } from '../ids';
import { page } from '../listing';
import { oneOf, text, type Rule } from '../params';
import { permission } from '../permissions';
import { toProject } from '../project-model';
import { noContent, reply, route, type Call, type Reply, type Route } from '../route';
import { memberships, projects, teams, type ProjectDocument } from '../schema';
import { createProjectTables, enqueueDeletion } from '../workers';

const projectId: Rule<string> = (value, name) => {
  if (value === 'unique()' || (typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,35}$/.test(value))) return value;
  throw invalidParam(name, "Project IDs must contain at most 36 chars. Valid chars are a-z, 0-9, and hyphen. Can't start with a special char.");
};
const region = oneOf(['default']);
const WRITE = { scopes: ['projects.write'], organization: true };
const READ = { scopes: ['projects.read'], organization: true };
const IN_PATH = { projectInPath: true };

export const projectRoutes: Route[] = [
  route('POST /v1/projects', WRITE, async (call) => createProject(call, call.input.required('teamId', text(36)))),
  route('POST /v1/organization/projects', WRITE, async (call) => createProject(call, organizationId(call))),
  route('GET /v1/projects', { scopes: ['projects.read'] }, async (call) => {
    const teamId = call.input.optional('teamId', text(36), undefined);
    return listProjects(call, teamId === undefined ? {} : { teamId });
  }),
  route('GET /v1/organization/projects', READ, async (call) => listProjects(call, { teamId: organizationId(call) })),
  route('GET /v1/organization/projects/:projectId', READ, async (call) => reply(200, toProject(call, await projectOf(call)))),

  route('GET /v1/project', { scopes: ['project.read'] }, async (call) => reply(200, toProject(call, ownProject(call)))),
  route('GET /v1/projects/:projectId', { scopes: ['project.read'], ...IN_PATH }, async (call) => reply(200, toProject(call, ownProject(call)))),

  route('PATCH /v1/organization/projects/:projectId', WRITE, async (call) => rename(call, await projectOf(call))),
  route('PATCH /v1/projects/:projectId', WRITE, async (call) => rename(call, await byPath(call))),
  route('PATCH /v1/projects/:projectId/team', WRITE, async (call) => {
    const project = await byPath(call);
    const team = await find(call.platform.console, teams, call.input.required('teamId', text(36)));
    if (team === undefined) throw new AppwriteError('team_not_found');
    return updated(call, project, { teamId: team.$id }, teamPermissions(team.$id));
  }),

  route('DELETE /v1/organization/projects/:projectId', WRITE, async (call) => removeProject(call, await projectOf(call))),
  route('DELETE /v1/project', { scopes: ['project.write'] }, async (call) => removeProject(call, ownProject(call))),
  route('DELETE /v1/projects/:projectId', { scopes: ['project.write'], ...IN_PATH }, async (call) => removeProject(call, ownProject(call))),
];

async function createProject(call: Call, teamId: string): Promise<Reply> {
  const asked = call.input.required('projectId', projectId);
  const name = call.input.required('name', text(128));
  const where = call.input.optional('region', region, 'default');
  if (asked === 'console') throw new AppwriteError('project_reserved_project');
  const project = await insertProject(call, asked === 'unique()' ? uniqueId() : asked, name, teamId, where);
  await createProjectTables(call.platform, project, call.tablesBeforeDeath);
  return reply(201, toProject(call, project));
}

/** The row comes first: whoever dies after it leaves a project that exists and does not work. */
async function insertProject(call: Call, id: string, name: string, teamId: string, where: string): Promise<ProjectDocument> {
  try {
    return await insert(call.platform.console, projects, {
      id, permissions: teamPermissions(teamId), values: { name, teamId, region: where, accessedAt: new Date() },
    });
  } catch (error) {
    throw error instanceof DuplicateDocument ? new AppwriteError('project_already_exists') : error;
  }
}

function teamPermissions(teamId: string): string[] {
  return ['read', 'update', 'delete'].flatMap((action) => ['owner', 'developer'].map((role) => permission(action, `team:${teamId}/${role}`)));
}

async function listProjects(call: Call, where: Record<string, string>): Promise<Reply> {
  const roles = await findBy(call.platform.console, memberships, { userId: call.actor.user?.$id ?? '' });
  const readable = roles.flatMap(({ values }) => values.roles.map((role) => permission('read', `team:${values.teamId}/${role}`)));
  const { total, documents, select } = await page(call.input, { ns: call.platform.console, collection: projects, noun: 'Project', where, readable });
  return reply(200, { total, projects: documents.map((project) => select(toProject(call, project))) });
}

function organizationId(call: Call): string {
  return call.request.headers.get('x-appwrite-organization') ?? '';
}

/** The project of the path, when it belongs to the organization of the header. */
async function projectOf(call: Call): Promise<ProjectDocument> {
  const project = await byPath(call);
  if (project.values.teamId !== organizationId(call)) throw new AppwriteError('project_not_found');
  return project;
}

async function byPath(call: Call): Promise<ProjectDocument> {
  const project = await find(call.platform.console, projects, call.path('projectId'));
  if (project === undefined) throw new AppwriteError('project_not_found');
  return project;
}

function ownProject(call: Call): ProjectDocument {
  if (call.project === undefined) throw new AppwriteError('project_not_found');
  return call.project;
}

function rename(call: Call, project: ProjectDocument): Promise<Reply> {
  return updated(call, project, { name: call.input.required('name', text(128)) });
}

async function updated(call: Call, project: ProjectDocument, values: Partial<ProjectDocument['values']>, permissions?: string[]): Promise<Reply> {
  const after = await update(call.platform.console, projects, project.$sequence, { values, ...(permissions === undefined ? {} : { permissions }) });
  if (after === undefined) throw new AppwriteError('project_not_found');
  return reply(200, toProject(call, after));
}

/** Gone at once for every caller; its tables, keys and files go later. */
async function removeProject(call: Call, project: ProjectDocument): Promise<Reply> {
  if (!(await remove(call.platform.console, projects, project.$sequence))) throw new AppwriteError('project_not_found');
  await enqueueDeletion(call.platform, project);
  return noContent();
}
