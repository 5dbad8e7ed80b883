import { Organization, Project, Query, Storage, Teams, Users, type ProjectKeyScopes } from 'node-appwrite';
import { AppwriteError, appwriteFailureOf, type AdminOptions, type AppwriteAdmin, type AppwriteFailure, type NewKey, type ProjectRef } from '../port';
import { browseWith } from './browse';
import type { Connection } from './connection';
import { key, keyList, platform, platformList, project, projectList, read } from './shapes';

/** The port on a live server, for calls of one kind: first ones or repetitions, on one tenant's behalf or nobody's. */
export function createAppwriteAdmin(connection: Connection, { retrying = false, tenant }: AdminOptions = {}): AppwriteAdmin {
  const gated = { retrying, tenant };
  const inOrganization = <Result>(teamId: string, deadline: 'readMs' | 'writeMs' | 'createMs', work: (organization: Organization) => Promise<Result>) =>
    connection.call({ reach: { organization: teamId }, deadline, ...gated }, (client) => work(new Organization(client)));
  const inProject = <Result>(projectId: string, deadline: 'readMs' | 'writeMs', work: (project: Project) => Promise<Result>) =>
    connection.call({ reach: { project: projectId }, deadline, ...gated }, (client) => work(new Project(client)));

  async function getProject({ teamId, projectId }: ProjectRef) {
    return read(project, await inOrganization(teamId, 'readMs', (organization) => organization.getProject({ projectId })));
  }

  return {
    version: () => connection.version(),

    async ensureTeam({ teamId, name }) {
      await connection.call({ reach: 'console', deadline: 'writeMs', ...gated }, async (client) => {
        const teams = new Teams(client);
        try {
          await teams.create({ teamId, name });
        } catch (error) {
          if (appwriteFailureOf(error)?.kind !== 'conflict') throw error;
          // The team is ours when the account can read it; another one's answers 404.
          await unless('not_found', { kind: 'conflict' }, teams.get({ teamId }));
        }
      });
    },

    async createProject({ teamId, projectId, name }) {
      return read(project, await inOrganization(teamId, 'createMs', (organization) => organization.createProject({ projectId, name })));
    },
    getProject,

    async probeProject({ teamId, projectId }) {
      try {
        await connection.call({ reach: { project: projectId }, deadline: 'readMs', ...gated }, (client) =>
          Promise.all([
            new Users(client).list({ queries: [Query.limit(1)] }),
            new Storage(client).listBuckets({ queries: [Query.limit(1)] }),
          ]),
        );
      } catch (error) {
        if (appwriteFailureOf(error)?.kind !== 'unavailable') throw error;
        // The console still knows the project while its own tables do not answer: it is there only in part.
        await getProject({ teamId, projectId });
        throw new AppwriteError({ kind: 'broken' }, { cause: error });
      }
    },

    async renameProject({ teamId, projectId, name }) {
      await inOrganization(teamId, 'writeMs', (organization) => organization.updateProject({ projectId, name }));
    },
    async deleteProject({ teamId, projectId }) {
      await goneIsFine(inOrganization(teamId, 'writeMs', (organization) => organization.deleteProject({ projectId })));
    },
    async projectGone(ref) {
      return getProject(ref).then(
        () => false,
        (error: unknown) => {
          if (appwriteFailureOf(error)?.kind === 'not_found') return true;
          throw error;
        },
      );
    },

    async listProjects({ after, limit }) {
      // A route that the server has and the SDK lacks: the list across all teams of the account.
      const queries = [Query.limit(limit), Query.orderAsc('$createdAt'), ...(after === undefined ? [] : [Query.cursorAfter(after)])];
      const answer = await connection.call({ reach: 'console', deadline: 'readMs', ...gated }, (client) =>
        client.call('get', new URL(`${client.config.endpoint}/projects`), { 'X-Appwrite-Project': 'console' }, { queries }),
      );
      return read(projectList, answer);
    },

    async createKey(wanted) {
      return read(key, await inProject(wanted.projectId, 'writeMs', (service) => service.createKey(keyParams(wanted))));
    },
    async getKey({ projectId, keyId }) {
      return read(key, await inProject(projectId, 'readMs', (service) => service.getKey({ keyId })));
    },
    async listKeys(projectId) {
      return read(keyList, await inProject(projectId, 'readMs', (service) => service.listKeys({ queries: [Query.limit(500)] }))).keys;
    },
    async updateKey(wanted) {
      return read(key, await inProject(wanted.projectId, 'writeMs', (service) => service.updateKey(keyParams(wanted))));
    },
    async deleteKey({ projectId, keyId }) {
      await goneIsFine(inProject(projectId, 'writeMs', (service) => service.deleteKey({ keyId })));
    },

    async createPlatform({ projectId, platformId, name, hostname }) {
      return read(platform, await inProject(projectId, 'writeMs', (service) => service.createWebPlatform({ platformId, name, hostname })));
    },
    async listPlatforms(projectId) {
      return read(platformList, await inProject(projectId, 'readMs', (service) => service.listPlatforms({ queries: [Query.limit(500)] }))).platforms;
    },
    async deletePlatform({ projectId, platformId }) {
      await goneIsFine(inProject(projectId, 'writeMs', (service) => service.deletePlatform({ platformId })));
    },

    ...browseWith(connection, gated),
  };
}

function keyParams({ keyId, name, scopes, expiresAt }: NewKey) {
  const params = { keyId, name, scopes: asKeyScopes(scopes) };
  return expiresAt === null ? params : { ...params, expire: expiresAt.toISOString() };
}

/** Checked against Appwrite's own list before; the SDK wants its enumeration. */
function asKeyScopes(scopes: readonly string[]): ProjectKeyScopes[] {
  return scopes as ProjectKeyScopes[];
}

async function goneIsFine(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (appwriteFailureOf(error)?.kind !== 'not_found') throw error;
  }
}

async function unless<Result>(kind: AppwriteFailure['kind'], instead: AppwriteFailure, call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw appwriteFailureOf(error)?.kind === kind ? new AppwriteError(instead, { cause: error }) : error;
  }
}
