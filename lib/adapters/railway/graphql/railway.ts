import type { Clock } from '@/lib/kernel/clock';
import { RailwayError, railwayFailureOf, type Railway, type RailwayLogLine, type RailwayProject, type ServiceSource } from '../port';
import { createClient, type Operation } from './client';
import { createRailwayGate, type RailwayGate } from './gate';
import * as operations from './operations';
import type { ProjectsPage } from './operations';
import { compareTimestamps } from './timestamps';
import { whoAmI } from './who-am-i';

export interface RailwayOptions {
  /** Where GraphQL is asked, `https://backboard.railway.com/graphql/v2` for example. */
  endpoint: string;
  /** Of an account or a workspace. */
  token: string;
  clock: Clock;
  deadlineMs?: number;
  /** Shared by everything that uses the same token. */
  gate?: RailwayGate;
  /** Marks every call of this object as a repetition. */
  retrying?: boolean;
}

const projectsPerPage = 100;
const mostPages = 100;
const linesAtFirst = 500;

/** The port on Railway's public API. */
export function createRailway({ endpoint, token, clock, deadlineMs = 15_000, gate = createRailwayGate({ clock }), retrying = false }: RailwayOptions): Railway {
  const client = createClient({ endpoint, token, clock, gate, deadlineMs, retrying });

  /** Railway answers such a mutation with true, or with false when it was not done. */
  async function order(operation: Operation<boolean>, variables: Record<string, unknown>): Promise<void> {
    if (!(await client.ask(operation, variables))) throw new RailwayError({ kind: 'refused' });
  }

  async function getProject(id: string): Promise<RailwayProject> {
    const project = await client.ask(operations.getProject, { id });
    if (project === null) throw new RailwayError({ kind: 'not_found' });
    return project;
  }

  async function logs(operation: Operation<RailwayLogLine[]>, deploymentId: string, { since, limit }: { since: string | null; limit: number }): Promise<RailwayLogLine[]> {
    const lines = await client.ask(operation, { deploymentId, limit, ...(since === null ? {} : { startDate: since }) });
    // Railway's dates hold milliseconds, so it may begin a little before `since`.
    return lines
      .filter(({ timestamp }) => since === null || compareTimestamps(timestamp, since) >= 0)
      .toSorted((left, right) => compareTimestamps(left.timestamp, right.timestamp));
  }

  return {
    whoAmI: () => whoAmI(client),

    async findProject({ workspaceId, name }) {
      let after: string | null = null;
      for (let page = 0; page < mostPages; page += 1) {
        const answer: ProjectsPage = await client.ask(operations.projects, { workspaceId, first: projectsPerPage, after });
        const found = answer.projects.find((project) => project.name === name);
        if (found !== undefined) return getProject(found.id);
        if (answer.next === null) return null;
        if (answer.next === after) break;
        after = answer.next;
      }
      // "There is none" would make a second project of the name.
      throw new RailwayError({ kind: 'unsupported' });
    },
    async createProject({ workspaceId, name, environmentName }) {
      const project = await client.ask(operations.projectCreate, { input: { workspaceId, name, defaultEnvironmentName: environmentName } });
      if (project === null) throw new RailwayError({ kind: 'unsupported' });
      return project;
    },
    getProject,
    deleteProject: (id) => goneIsFine(order(operations.projectDelete, { id })),

    createEnvironment: ({ projectId, name }) => client.ask(operations.environmentCreate, { input: { projectId, name, skipInitialDeploys: true } }),

    createService: ({ projectId, environmentId, name }) => client.ask(operations.serviceCreate, { input: { projectId, environmentId, name } }),
    deleteService: (id) => goneIsFine(order(operations.serviceDelete, { id })),
    configureService: ({ serviceId, environmentId }, { healthcheckTimeoutSeconds, buildCommand, startCommand, rootDirectory, healthcheckPath }) =>
      // A null that is sent takes the setting away; one that is left out would keep it.
      order(operations.serviceInstanceUpdate, {
        serviceId,
        environmentId,
        input: { buildCommand, startCommand, rootDirectory, healthcheckPath, healthcheckTimeout: healthcheckTimeoutSeconds },
      }),
    async connectSource(id, source) {
      await client.ask(operations.serviceConnect, { id, input: sourceInput(source) });
    },
    async ensureDomain({ projectId, serviceId, environmentId }) {
      const { serviceDomains } = await client.ask(operations.domains, { projectId, environmentId, serviceId });
      const { domain } = serviceDomains[0] ?? (await client.ask(operations.serviceDomainCreate, { input: { serviceId, environmentId } }));
      return domain;
    },

    getVariables: ({ projectId, serviceId, environmentId }) => client.ask(operations.variables, { projectId, environmentId, serviceId }),
    setVariables: ({ projectId, serviceId, environmentId }, variables, { replace }) =>
      order(operations.variableCollectionUpsert, { input: { projectId, environmentId, serviceId, variables, replace, skipDeploys: true } }),

    deploy: ({ serviceId, environmentId }, { commit }) =>
      client.ask(operations.serviceInstanceDeploy, { serviceId, environmentId, ...(commit === null ? {} : { commitSha: commit }) }),
    getDeployment: (id) => client.ask(operations.getDeployment, { id }),
    async listDeployments({ projectId, serviceId, environmentId, limit }) {
      const found = await client.ask(operations.deployments, { input: { projectId, environmentId, serviceId }, first: limit });
      return found.toSorted((left, right) => right.createdAt.getTime() - left.createdAt.getTime());
    },
    redeploy: (id) => client.ask(operations.deploymentRedeploy, { id }),
    restart: (id) => order(operations.deploymentRestart, { id }),
    rollback: (id) => order(operations.deploymentRollback, { id }),
    stop: (id) => order(operations.deploymentStop, { id }),
    cancel: (id) => order(operations.deploymentCancel, { id }),

    buildLogs: (deploymentId, page) => logs(operations.buildLogs, deploymentId, page),
    runtimeLogs: (deploymentId, page) => logs(operations.deploymentLogs, deploymentId, page),
    followLogs: (deploymentId, kind, onLines, signal) =>
      client.follow(kind === 'build' ? operations.followBuildLogs : operations.followDeploymentLogs, { deploymentId, limit: linesAtFirst }, onLines, signal),
  };
}

function sourceInput(source: ServiceSource): Record<string, string> {
  return source.kind === 'image' ? { image: source.image } : { repo: source.repository, branch: source.branch };
}

async function goneIsFine(deletion: Promise<void>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (railwayFailureOf(error)?.kind !== 'not_found') throw error;
  }
}
