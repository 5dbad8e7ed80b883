import type { Call } from './call';
import { toConnection, type PageInput } from './connection';
import { ApiError, notAuthorized } from './errors';
import { isMoment, type LogKind, type LogPage } from './logs';
import type { DeploymentStatus } from './state';
import { providedVariables, renderedVariables } from './variables';
import { viewAccount, viewDeployment, viewDomains, viewEnvironments, viewInstance, viewLine, viewProject, viewService } from './views';

interface DeploymentFilter {
  projectId?: string | null;
  environmentId?: string | null;
  serviceId?: string | null;
  status?: { in?: DeploymentStatus[] | null; notIn?: DeploymentStatus[] | null } | null;
}
type LogInput = LogPage & { deploymentId: string };

/** The queries in use; what they are given was checked against the schema. */
export const queries = {
  me: (_: object, { account }: Call) => viewAccount(account),
  apiToken: (_: object, { account }: Call) => ({ workspaces: [account.workspace] }),
  /** Only tokens of accounts are known here. */
  projectToken: () => {
    throw new ApiError('Project Token not found');
  },
  projects: ({ workspaceId, ...page }: PageInput & { workspaceId?: string | null }, { account, catalog }: Call) => {
    if (workspaceId != null && workspaceId !== account.workspace.id) throw notAuthorized();
    return toConnection(catalog.projects(), page, (project) => viewProject(catalog, project));
  },
  project: ({ id }: { id: string }, { catalog }: Call) => viewProject(catalog, catalog.project(id)),
  environments: ({ projectId, ...page }: PageInput & { projectId: string; isEphemeral?: boolean | null }, { catalog }: Call) =>
    viewEnvironments(catalog, catalog.project(projectId).id, page),
  service: ({ id }: { id: string }, { catalog }: Call) => viewService(catalog.service(id)),
  serviceInstance: ({ serviceId, environmentId }: { serviceId: string; environmentId: string }, { catalog }: Call) =>
    viewInstance(catalog, catalog.instance(serviceId, environmentId)),
  domains: ({ serviceId, environmentId }: { serviceId: string; environmentId: string }, { catalog }: Call) =>
    viewDomains(catalog.instance(serviceId, environmentId)),
  /** As at Railway the variables of a service hold those that Railway itself gives, unless they are asked for unrendered. */
  variables: ({ environmentId, serviceId, unrendered }: { environmentId: string; serviceId?: string | null; unrendered?: boolean | null }, { catalog, store }: Call) => {
    if (serviceId == null) return catalog.environment(environmentId).variables;
    const instance = catalog.instance(serviceId, environmentId);
    return unrendered === true ? instance.variables : { ...renderedVariables(store, instance), ...providedVariables(store, instance) };
  },
  deployment: ({ id }: { id: string }, { catalog }: Call) => viewDeployment(catalog, catalog.deployment(id)),
  deployments: ({ input, ...page }: PageInput & { input: DeploymentFilter }, { catalog }: Call) => {
    const { projectId, environmentId, serviceId, status } = input;
    const found = catalog.deployments().filter((deployment) =>
      (projectId == null || deployment.projectId === projectId)
      && (environmentId == null || deployment.environmentId === environmentId)
      && (serviceId == null || deployment.serviceId === serviceId)
      && (status?.in == null || status.in.includes(deployment.status))
      && !(status?.notIn ?? []).includes(deployment.status));
    return toConnection(found, page, (deployment) => viewDeployment(catalog, deployment));
  },
  buildLogs: (input: LogInput, call: Call) => readLogs('build', input, call),
  deploymentLogs: (input: LogInput, call: Call) => readLogs('runtime', input, call),
};

async function readLogs(kind: LogKind, { deploymentId, ...page }: LogInput, { catalog, deployer }: Call): Promise<object[]> {
  const deployment = catalog.deployment(deploymentId);
  for (const date of [page.startDate, page.endDate]) if (date != null && !isMoment(date)) throw new ApiError('A date is not valid: write it as RFC 3339.');
  const lines = await deployer.journal.read(deployment, kind, page);
  return lines.map((line) => viewLine(deployment, line));
}
