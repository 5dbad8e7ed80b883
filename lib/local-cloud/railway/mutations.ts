import { randomUUID } from 'node:crypto';
import type { Call } from './call';
import { ApiError, notAuthorized, notFound } from './errors';
import { changeOf, fill, newInstance, now, readName, type InstanceInput, type SourceInput } from './inputs';
import { freePort } from './ports';
import { readVariables } from './variables';
import { viewDeployment, viewDomains, viewEnvironment, viewProject, viewService } from './views';

interface At {
  serviceId: string;
  environmentId: string;
}

/** The mutations in use; what they are given was checked against the schema. */
export const mutations = {
  projectCreate: async ({ input }: { input: { name?: string | null; description?: string | null; workspaceId?: string | null; defaultEnvironmentName?: string | null } }, { account, catalog, store }: Call) => {
    if (input.workspaceId != null && input.workspaceId !== account.workspace.id) throw notAuthorized();
    const project = { id: randomUUID(), name: readName(input.name ?? 'local-project'), description: input.description ?? null, workspaceId: account.workspace.id, createdAt: now() };
    store.data.projects.push(project);
    store.data.environments.push({ id: randomUUID(), projectId: project.id, name: readName(input.defaultEnvironmentName ?? 'production'), isEphemeral: false, variables: {}, createdAt: now() });
    await store.save();
    return viewProject(catalog, project);
  },

  projectDelete: async ({ id }: { id: string }, { catalog, store, deployer }: Call) => {
    const project = catalog.project(id);
    await deployer.removeInstances(store.data.instances.filter(({ projectId }) => projectId === id));
    store.data.services = store.data.services.filter(({ projectId }) => projectId !== id);
    store.data.environments = store.data.environments.filter(({ projectId }) => projectId !== id);
    store.data.projects = store.data.projects.filter((other) => other !== project);
    await store.save();
    return true;
  },

  /** Without a source environment it is empty: no service has an instance in it. */
  environmentCreate: async ({ input }: { input: { projectId: string; name: string; sourceEnvironmentId?: string | null; ephemeral?: boolean | null; skipInitialDeploys?: boolean | null } }, { catalog, store, deployer }: Call) => {
    const project = catalog.project(input.projectId);
    const name = readName(input.name);
    if (catalog.environments(project.id).some((environment) => environment.name === name)) throw new ApiError('An environment of this name already exists.');
    const from = input.sourceEnvironmentId == null ? undefined : catalog.environment(input.sourceEnvironmentId);
    if (from !== undefined && from.projectId !== project.id) throw notFound('Environment');
    const environment = { id: randomUUID(), projectId: project.id, name, isEphemeral: input.ephemeral === true, variables: { ...from?.variables }, createdAt: now() };
    store.data.environments.push(environment);
    for (const instance of store.data.instances.filter(({ environmentId }) => environmentId === from?.id)) {
      const copy = newInstance(store, { id: instance.serviceId, projectId: project.id }, environment.id);
      Object.assign(copy, { settings: { ...instance.settings }, source: { ...instance.source }, variables: { ...instance.variables } });
      store.data.instances.push(copy);
      if (input.skipInitialDeploys !== true && copy.source.repo !== null) await deployer.deploy(copy);
    }
    await store.save();
    return viewEnvironment(environment);
  },

  environmentDelete: async ({ id }: { id: string }, { catalog, store, deployer }: Call) => {
    const environment = catalog.environment(id);
    await deployer.removeInstances(store.data.instances.filter(({ environmentId }) => environmentId === id));
    store.data.environments = store.data.environments.filter((other) => other !== environment);
    await store.save();
    return true;
  },

  /** In one environment or, when none is named, in all. A second one of the same name is made without complaint. */
  serviceCreate: async ({ input }: { input: { projectId: string; environmentId?: string | null; name?: string | null; branch?: string | null; source?: SourceInput | null; variables?: unknown } }, { catalog, store }: Call) => {
    const project = catalog.project(input.projectId);
    const variables = readVariables(input.variables);
    const environments = input.environmentId == null ? catalog.environments(project.id) : [catalog.environment(input.environmentId)];
    if (environments.some(({ projectId }) => projectId !== project.id)) throw notFound('Environment');
    const name = readName(input.name ?? 'service');
    if (store.data.services.some((other) => other.projectId === project.id && other.name === name)) throw new ApiError(`A service named "${name}" already exists in this project`);
    const service = { id: randomUUID(), projectId: project.id, name, createdAt: now() };
    store.data.services.push(service);
    for (const { id } of environments) {
      const instance = newInstance(store, service, id);
      instance.variables = { ...variables };
      fill(instance, { ...input.source, branch: input.branch ?? null });
      store.data.instances.push(instance);
    }
    await store.save();
    return viewService(service);
  },

  serviceDelete: async ({ id, environmentId }: { id: string; environmentId?: string | null }, { catalog, store, deployer }: Call) => {
    const service = catalog.service(id);
    await deployer.removeInstances(catalog.instancesOf(id).filter((instance) => environmentId == null || instance.environmentId === environmentId));
    if (catalog.instancesOf(id).length === 0) store.data.services = store.data.services.filter((other) => other !== service);
    await store.save();
    return true;
  },

  /** Deploys nothing by itself. Whether Railway does is not documented, so callers must not count on either. */
  serviceConnect: async ({ id, input }: { id: string; input: SourceInput & { branch?: string | null } }, { catalog, store }: Call) => {
    const service = catalog.service(id);
    for (const instance of catalog.instancesOf(id)) fill(instance, input);
    await store.save();
    return viewService(service);
  },

  serviceInstanceUpdate: async ({ serviceId, environmentId, input }: { serviceId: string; environmentId?: string | null; input: InstanceInput }, { catalog, store }: Call) => {
    catalog.service(serviceId);
    const instances = environmentId == null ? catalog.instancesOf(serviceId) : [catalog.instance(serviceId, environmentId)];
    const change = changeOf(input);
    for (const instance of instances) {
      instance.settings = { ...instance.settings, ...change };
      if (input.source != null) fill(instance, { ...input.source, branch: instance.source.branch });
    }
    await store.save();
    return true;
  },

  /** Unless told otherwise what runs is deployed anew, as Railway does. */
  variableCollectionUpsert: async ({ input }: { input: { projectId: string; environmentId: string; serviceId?: string | null; variables: unknown; replace?: boolean | null; skipDeploys?: boolean | null } }, { catalog, store, deployer, fleet }: Call) => {
    const variables = readVariables(input.variables);
    const environment = catalog.environment(input.environmentId);
    const target = input.serviceId == null ? environment : catalog.instance(input.serviceId, input.environmentId);
    if (target.projectId !== catalog.project(input.projectId).id) throw notFound('Environment');
    target.variables = input.replace === true ? variables : { ...target.variables, ...variables };
    await store.save();
    if (input.skipDeploys === true) return true;
    const affected = store.data.instances.filter((instance) => (input.serviceId == null ? instance.environmentId === environment.id : instance === target));
    for (const instance of affected) {
      const current = fleet.current(instance);
      if (current !== undefined) await deployer.redeploy(catalog.deployment(current.deploymentId), true);
    }
    return true;
  },

  /** One for each instance: the one that is there is answered again. */
  serviceDomainCreate: async ({ input }: { input: At }, { catalog, store, fleet }: Call) => {
    const instance = catalog.instance(input.serviceId, input.environmentId);
    if (instance.domain === null) {
      const port = await freePort('door', (taken) => store.data.instances.some(({ domain }) => domain?.port === taken));
      instance.domain ??= { id: randomUUID(), port, createdAt: now() };
      await store.save();
      await fleet.openDoor(instance);
    }
    return viewDomains(instance).serviceDomains[0];
  },

  serviceInstanceDeployV2: async ({ serviceId, environmentId, commitSha }: At & { commitSha?: string | null }, { catalog, deployer }: Call) => {
    if (commitSha != null && !/^[0-9a-f]{40}$/i.test(commitSha)) throw new ApiError('The commit is not valid: name it by its 40 digits.');
    const { id } = await deployer.deploy(catalog.instance(serviceId, environmentId), { commit: commitSha ?? null });
    return id;
  },

  deploymentRedeploy: async ({ id, usePreviousImageTag }: { id: string; usePreviousImageTag?: boolean | null }, { catalog, deployer }: Call) =>
    viewDeployment(catalog, await deployer.redeploy(catalog.deployment(id), usePreviousImageTag === true)),
  deploymentRollback: ({ id }: { id: string }, { catalog, deployer }: Call) => done(deployer.rollback(catalog.deployment(id))),
  deploymentRestart: ({ id }: { id: string }, { catalog, deployer }: Call) => done(deployer.restart(catalog.deployment(id))),
  deploymentStop: ({ id }: { id: string }, { catalog, deployer }: Call) => done(deployer.stop(catalog.deployment(id))),
  deploymentCancel: ({ id }: { id: string }, { catalog, deployer }: Call) => done(deployer.cancel(catalog.deployment(id))),
};

async function done(work: Promise<unknown>): Promise<true> {
  await work;
  return true;
}
