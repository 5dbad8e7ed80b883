import type { Account } from './accounts';
import { notFound } from './errors';
import type { Deployment, Environment, Instance, Project, Service, Store } from './state';

/** What one account may see. A thing of another workspace does not exist. */
export class Catalog {
  readonly #data: Store['data'];
  readonly #workspaceId: string;

  constructor(store: Store, account: Account) {
    this.#data = store.data;
    this.#workspaceId = account.workspace.id;
  }

  projects(): Project[] {
    return this.#data.projects.filter(({ workspaceId }) => workspaceId === this.#workspaceId);
  }

  project(id: string): Project {
    const found = this.projects().find((project) => project.id === id);
    if (found === undefined) throw notFound('Project');
    return found;
  }

  environments(projectId: string): Environment[] {
    return this.#data.environments.filter((environment) => environment.projectId === projectId);
  }

  environment(id: string): Environment {
    const found = this.#data.environments.find((environment) => environment.id === id);
    if (found === undefined || !this.#sees(found.projectId)) throw notFound('Environment');
    return found;
  }

  services(projectId: string): Service[] {
    return this.#data.services.filter((service) => service.projectId === projectId);
  }

  service(id: string): Service {
    const found = this.#data.services.find((service) => service.id === id);
    if (found === undefined || !this.#sees(found.projectId)) throw notFound('Service');
    return found;
  }

  instancesOf(serviceId: string): Instance[] {
    return this.#data.instances.filter((instance) => instance.serviceId === serviceId);
  }

  instance(serviceId: string, environmentId: string): Instance {
    this.service(serviceId);
    this.environment(environmentId);
    const found = this.#data.instances.find((instance) => instance.serviceId === serviceId && instance.environmentId === environmentId);
    if (found === undefined) throw notFound('ServiceInstance');
    return found;
  }

  /** The newest first. */
  deployments(): Deployment[] {
    return this.#data.deployments.filter(({ projectId }) => this.#sees(projectId)).reverse();
  }

  deployment(id: string): Deployment {
    const found = this.#data.deployments.find((deployment) => deployment.id === id);
    if (found === undefined || !this.#sees(found.projectId)) throw notFound('Deployment');
    return found;
  }

  #sees(projectId: string): boolean {
    return this.projects().some(({ id }) => id === projectId);
  }
}
