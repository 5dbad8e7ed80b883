import { accountCreatedAt, type Account } from './accounts';
import type { Catalog } from './catalog';
import { toConnection, type PageInput } from './connection';
import { canRollback, isUnfinished } from './deployment-rules';
import type { LogLine } from './logs';
import type { Deployment, Environment, Instance, Project, Service } from './state';
import { domainText } from './variables';

const notDeleted = { deletedAt: null };

export function viewAccount({ id, name, email, workspace }: Account): object {
  return { id, name, username: email.split('@')[0], email, createdAt: accountCreatedAt, workspaces: [{ ...workspace, createdAt: accountCreatedAt }] };
}

export function viewProject(catalog: Catalog, project: Project): object {
  const { id, name, description, workspaceId, createdAt } = project;
  return {
    ...notDeleted, id, name, description, workspaceId, createdAt, updatedAt: createdAt,
    baseEnvironmentId: catalog.environments(id)[0]?.id ?? null,
    environments: (page: PageInput & { isEphemeral?: boolean | null }) => viewEnvironments(catalog, id, page),
    services: (page: PageInput) => toConnection(catalog.services(id), page, viewService),
  };
}

export function viewEnvironments(catalog: Catalog, projectId: string, page: PageInput & { isEphemeral?: boolean | null }): object {
  const wanted = catalog.environments(projectId).filter(({ isEphemeral }) => page.isEphemeral == null || page.isEphemeral === isEphemeral);
  return toConnection(wanted, page, viewEnvironment);
}

export function viewEnvironment({ id, projectId, name, isEphemeral, createdAt }: Environment): object {
  return { ...notDeleted, id, projectId, name, isEphemeral, createdAt, updatedAt: createdAt };
}

export function viewService({ id, projectId, name, createdAt }: Service): object {
  return { ...notDeleted, id, projectId, name, createdAt, updatedAt: createdAt };
}

export function viewInstance(catalog: Catalog, instance: Instance): object {
  const { id, serviceId, environmentId, createdAt, settings, source } = instance;
  const latest = catalog.deployments().find(({ instanceId }) => instanceId === id);
  return {
    ...settings, id, serviceId, environmentId, createdAt, updatedAt: createdAt,
    serviceName: catalog.service(serviceId).name,
    source: source.repo === null && source.image === null ? null : { repo: source.repo, image: source.image },
    domains: viewDomains(instance),
    latestDeployment: latest === undefined ? null : viewDeployment(catalog, latest),
  };
}

export function viewDomains(instance: Instance): { customDomains: object[]; serviceDomains: object[] } {
  const { domain, serviceId, environmentId, projectId } = instance;
  if (domain === null) return { customDomains: [], serviceDomains: [] };
  const { id, port, createdAt } = domain;
  return { customDomains: [], serviceDomains: [{ id, domain: domainText(port), suffix: null, serviceId, environmentId, projectId, targetPort: null, createdAt, updatedAt: createdAt }] };
}

export function viewDeployment(catalog: Catalog, deployment: Deployment): object {
  const { id, projectId, environmentId, serviceId, status, createdAt, statusUpdatedAt, stopped, source, commit } = deployment;
  const domain = catalog.instance(serviceId, environmentId).domain;
  const url = domain === null ? null : domainText(domain.port);
  return {
    id, projectId, environmentId, serviceId, status, createdAt, statusUpdatedAt, updatedAt: statusUpdatedAt, url, staticUrl: url,
    deploymentStopped: stopped,
    canRedeploy: !isUnfinished(deployment),
    canRollback: canRollback(deployment),
    meta: { repo: source.repo, image: source.image, branch: source.branch, commitHash: commit },
  };
}

export function viewLine({ id, projectId, environmentId, serviceId }: Deployment, line: LogLine): object {
  return { ...line, tags: { deploymentId: id, projectId, environmentId, serviceId }, attributes: [{ key: 'level', value: line.severity }] };
}
