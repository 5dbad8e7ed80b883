import { randomUUID } from 'node:crypto';
import type { AppFolders } from './app-folders';
import { build, BuildFailure, type Sources } from './build';
import { Cancelled, canRollback, isUnfinished, NotServing, setStatus } from './deployment-rules';
import { ApiError, notFound } from './errors';
import type { Faults } from './faults';
import type { Fleet } from './fleet';
import { Journal } from './journal';
import { endNoted } from './processes';
import { prune } from './prune';
import type { Rooms } from './rooms';
import type { App } from './run';
import type { Settings } from './settings';
import { Slots } from './slots';
import { environmentOf, startApp } from './start-app';
import type { Deployment, DeploymentStatus, Instance, Store } from './state';
import { renderedVariables } from './variables';

export interface DeployerParts {
  dataDir: string;
  store: Store;
  folders: AppFolders;
  rooms: Rooms;
  /** URLs that builds and apps may reach where their network is closed. */
  reachable: readonly string[];
  fleet: Fleet;
  faults: Faults;
  sources: Sources;
  settings: Settings;
  log: (line: string) => void;
  /** Why no app can be run here; undefined when apps can. */
  obstacle: string | undefined;
}

/** Takes deployments from QUEUED to their end and keeps the apps of those that succeeded running. */
export class Deployer {
  readonly journal: Journal;
  readonly #parts: DeployerParts;
  readonly #slots: Slots;
  readonly #working = new Map<string, { abort: AbortController; done: Promise<void> }>();
  /** Instances on their way out: nothing new begins for them. */
  readonly #removing = new Set<string>();
  #stopping = false;

  constructor(parts: DeployerParts) {
    this.#parts = parts;
    this.journal = new Journal(parts.dataDir, (id) => this.#isLive(id));
    this.#slots = new Slots(parts.settings.buildsAtOnce);
  }

  /** Ends what a killed stand-in left behind, then brings back doors and apps. Resolves when the doors are open. */
  async resume(): Promise<void> {
    const { store, fleet, rooms } = this.#parts;
    const live = store.data.deployments.filter((deployment) => isUnfinished(deployment) || deployment.status === 'SUCCESS' || deployment.process !== null);
    for (const deployment of live) if (deployment.process !== null) await endNoted(deployment.process);
    for (const instance of store.data.instances) await rooms.endAll(instance);
    for (const deployment of live) {
      await this.journal.resume(deployment);
      deployment.process = null;
      if (!isUnfinished(deployment)) continue;
      this.journal.write(deployment, 'build', 'error', 'The stand-in was stopped while this deployment was under way.');
      deployment.buildId = null;
      setStatus(deployment, 'FAILED');
    }
    await store.save();
    await Promise.all(store.data.instances.map((instance) => fleet.openDoor(instance)));
    for (const deployment of store.data.deployments) {
      if (deployment.status === 'SUCCESS' && !deployment.stopped) this.#work(deployment, (signal) => this.#bringUp(deployment, this.#instanceOf(deployment), signal));
    }
  }

  /** Makes a deployment and answers at once; the work goes on. */
  async deploy(instance: Instance, options: { commit?: string | null } = {}): Promise<Deployment> {
    const { store } = this.#parts;
    const variables = renderedVariables(store, instance);
    return this.#begin(instance, { settings: { ...instance.settings }, source: { ...instance.source }, variables, serviceVariables: { ...instance.variables }, commit: options.commit ?? null, buildId: null });
  }

  /** With the variables and settings of now; from the build that is kept when `reuseBuild` says so. */
  async redeploy(earlier: Deployment, reuseBuild: boolean): Promise<Deployment> {
    const { store } = this.#parts;
    const instance = this.#instanceOf(earlier);
    if (reuseBuild && earlier.buildId === null) throw new ApiError('The build of this deployment is not kept any more.');
    const variables = renderedVariables(store, instance);
    const made = { settings: { ...instance.settings }, source: { ...earlier.source }, variables, serviceVariables: { ...instance.variables } };
    return this.#begin(instance, { ...made, commit: earlier.commit, buildId: reuseBuild ? earlier.buildId : null });
  }

  /** With build, settings and variables of then; as at Railway the service has those variables again, too. */
  async rollback(earlier: Deployment): Promise<Deployment> {
    if (!canRollback(earlier)) throw new ApiError('This deployment cannot be rolled back to.');
    const { settings, source, variables, serviceVariables, commit, buildId } = earlier;
    const instance = this.#instanceOf(earlier);
    instance.variables = { ...serviceVariables };
    return this.#begin(instance, { settings: { ...settings }, source: { ...source }, variables: { ...variables }, serviceVariables: { ...serviceVariables }, commit, buildId });
  }

  /** The same deployment in a new process; the one before serves until the new one does. */
  async restart(deployment: Deployment): Promise<void> {
    this.#expectOpen(this.#instanceOf(deployment));
    if (!['SUCCESS', 'CRASHED'].includes(deployment.status) || deployment.buildId === null) throw new ApiError('Only a deployment that runs can be restarted.');
    await this.#abort(deployment);
    deployment.stopped = false;
    // What it wrote before it crashed may be on the disk alone by now.
    await this.journal.resume(deployment);
    await this.#parts.store.save();
    this.#work(deployment, (signal) => this.#bringUp(deployment, this.#instanceOf(deployment), signal));
  }

  async stop(deployment: Deployment): Promise<void> {
    const { fleet, store, rooms } = this.#parts;
    if (deployment.status !== 'SUCCESS') throw new ApiError('Only a deployment that runs can be stopped.');
    const instance = this.#instanceOf(deployment);
    await this.#abort(deployment);
    deployment.stopped = true;
    await store.save();
    if (fleet.current(instance)?.deploymentId === deployment.id) await fleet.clear(instance, this.#graceMs(deployment));
    if (this.#isQuiet(instance)) await rooms.endAll(instance);
  }

  async cancel(deployment: Deployment): Promise<void> {
    if (!isUnfinished(deployment)) throw new ApiError('Only a deployment that is under way can be cancelled.');
    await this.#abort(deployment);
  }

  /** Ends everything of these instances and removes it from the disk. */
  async removeInstances(instances: readonly Instance[]): Promise<void> {
    const { fleet, folders, store, rooms } = this.#parts;
    const ids = new Set(instances.map(({ id }) => id));
    for (const id of ids) this.#removing.add(id);
    const theirs = store.data.deployments.filter(({ instanceId }) => ids.has(instanceId));
    await Promise.all(theirs.map((deployment) => this.#abort(deployment)));
    await Promise.all(instances.map((instance) => fleet.remove(instance, 0)));
    for (const instance of instances) {
      await rooms.endAll(instance);
      await folders.remove(instance);
    }
    for (const { id } of theirs) await this.journal.forget(id);
    store.data.deployments = store.data.deployments.filter(({ instanceId }) => !ids.has(instanceId));
    store.data.instances = store.data.instances.filter(({ id }) => !ids.has(id));
    await store.save();
  }

  async end(): Promise<void> {
    const { fleet, store, settings, rooms } = this.#parts;
    this.#stopping = true;
    const working = [...this.#working.values()];
    for (const { abort } of working) abort.abort(new Cancelled());
    await Promise.all(working.map(({ done }) => done));
    await fleet.stop(store.data.instances, settings.drainingSeconds * 1000);
    for (const instance of store.data.instances) await rooms.endAll(instance);
    await this.journal.keepAll();
    await store.save();
  }

  async #begin(instance: Instance, made: Pick<Deployment, 'settings' | 'source' | 'variables' | 'serviceVariables' | 'commit' | 'buildId'>): Promise<Deployment> {
    this.#expectOpen(instance);
    const now = new Date().toISOString();
    const { projectId, serviceId, environmentId } = instance;
    const deployment: Deployment = { id: randomUUID(), projectId, serviceId, environmentId, instanceId: instance.id, status: 'QUEUED', createdAt: now, statusUpdatedAt: now, stopped: false, process: null, ...made };
    this.#parts.store.data.deployments.push(deployment);
    await this.#parts.store.save();
    this.#work(deployment, (signal) => this.#carryOut(deployment, instance, signal));
    return deployment;
  }

  #work(deployment: Deployment, work: (signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController();
    const before = this.#working.get(deployment.id)?.done;
    const done = (async () => {
      await before;
      await work(abort.signal);
    })().catch((error: unknown) => this.#fail(deployment, error)).then(() => this.journal.keep(deployment)).catch((error: unknown) => {
      this.#parts.log(`Railway stand-in: deployment ${deployment.id}: ${error instanceof Error ? error.message : 'failed'}`);
    }).finally(() => {
      if (this.#working.get(deployment.id)?.abort === abort) this.#working.delete(deployment.id);
    });
    this.#working.set(deployment.id, { abort, done });
  }

  async #abort({ id }: Deployment): Promise<void> {
    const working = this.#working.get(id);
    working?.abort.abort(new Cancelled());
    await working?.done;
  }

  async #carryOut(deployment: Deployment, instance: Instance, signal: AbortSignal): Promise<void> {
    if (deployment.buildId === null) {
      await this.#slots.run(signal, () => {
        const limited = AbortSignal.any([signal, AbortSignal.timeout(this.#parts.settings.buildTimeoutMs)]);
        return this.#build(deployment, instance, limited);
      });
    }
    await this.#set(deployment, 'DEPLOYING');
    await this.#bringUp(deployment, instance, signal);
    await prune(this.#parts, this.journal, instance);
  }

  async #build(deployment: Deployment, instance: Instance, signal: AbortSignal): Promise<void> {
    const { faults, folders, sources, obstacle, rooms, reachable } = this.#parts;
    const book = this.journal.book(deployment, 'build');
    await this.#set(deployment, 'INITIALIZING');
    if (obstacle !== undefined) throw new BuildFailure(`Apps cannot be run here: ${obstacle}.`);
    await folders.prepare(instance);
    await this.#set(deployment, 'BUILDING');
    if (faults.settings.failBuilds) throw new BuildFailure('The build was told to fail.');
    const buildId = randomUUID();
    const run = `${instance.id}.${buildId}`;
    const env = environmentOf(this.#parts, deployment, instance, run);
    const { commit } = await build({ deployment, instance, buildId, folders, rooms, reachable, sources, env, mark: rooms.markOf(run), book, signal })
      .finally(() => (this.#isQuiet(instance, deployment) ? rooms.endAll(instance) : rooms.endRun(instance, run)));
    deployment.commit = commit;
    deployment.buildId = buildId;
    book.add('info', 'The build is done.');
  }

  /** Starts the app, waits until it serves and sends requests to it. */
  async #bringUp(deployment: Deployment, instance: Instance, signal: AbortSignal): Promise<void> {
    const { fleet, settings } = this.#parts;
    const app = await startApp(this.#parts, deployment, instance, this.journal.book(deployment, 'runtime'), (crashed) => {
      this.#crashed(deployment, instance, crashed).catch((error: unknown) => this.#fail(deployment, error));
    });
    const seconds = deployment.settings.healthcheckTimeout ?? settings.healthcheckTimeoutSeconds;
    try {
      const outcome = await app.ready(seconds * 1000, signal);
      signal.throwIfAborted();
      if (outcome !== 'ready') throw new NotServing(outcome, seconds);
    } catch (error) {
      await fleet.leave(instance, app.end(0));
      throw error;
    }
    await this.#promote(deployment, instance, app);
  }

  async #promote(deployment: Deployment, instance: Instance, app: App): Promise<void> {
    const { fleet, store } = this.#parts;
    const all = store.data.deployments.filter(({ instanceId }) => instanceId === instance.id);
    const newer = all.slice(all.indexOf(deployment) + 1).some(({ status }) => status === 'SUCCESS');
    if (newer) {
      await fleet.leave(instance, app.end(0));
      return this.#set(deployment, 'REMOVED');
    }
    fleet.put(instance, deployment.id, app, this.#graceMs(deployment));
    for (const other of all) if (other !== deployment && other.status === 'SUCCESS') setStatus(other, 'REMOVED');
    await this.#set(deployment, 'SUCCESS');
  }

  async #crashed(deployment: Deployment, instance: Instance, app: App): Promise<void> {
    if (this.#parts.fleet.current(instance)?.app !== app) return;
    await this.#parts.fleet.clear(instance, 0);
    await this.#set(deployment, 'CRASHED');
  }

  async #fail(deployment: Deployment, error: unknown): Promise<void> {
    const wasUnfinished = isUnfinished(deployment);
    // An app that runs goes on while its restart is called off; after a stop the next start brings it back.
    if (error instanceof Cancelled) {
      if (!wasUnfinished) return;
      this.journal.write(deployment, 'build', 'error', this.#stopping ? 'The stand-in was stopped while this deployment was under way.' : 'The deployment was cancelled.');
    } else this.#explain(deployment, error);
    // Its restart failed and the process before still serves.
    if (!wasUnfinished && this.#parts.fleet.current(this.#instanceOf(deployment))?.deploymentId === deployment.id) return;
    if (wasUnfinished) deployment.buildId = null;
    const removed = error instanceof Cancelled && !this.#stopping;
    await this.#set(deployment, removed ? 'REMOVED' : error instanceof NotServing && error.outcome === 'crashed' ? 'CRASHED' : wasUnfinished ? 'FAILED' : 'CRASHED');
    await prune(this.#parts, this.journal, this.#instanceOf(deployment));
  }

  #explain(deployment: Deployment, error: unknown): void {
    if (error instanceof BuildFailure || error instanceof NotServing) return this.journal.write(deployment, 'build', 'error', error.message);
    if (error instanceof DOMException && error.name === 'TimeoutError') return this.journal.write(deployment, 'build', 'error', `The build took longer than ${this.#parts.settings.buildTimeoutMs / 1000} seconds.`);
    this.journal.write(deployment, 'build', 'error', 'The stand-in failed; its own log says more.');
    this.#parts.log(`Railway stand-in: deployment ${deployment.id}: ${error instanceof Error ? error.message : 'failed'}`);
  }

  #expectOpen({ id }: Instance): void {
    if (this.#removing.has(id)) throw notFound('ServiceInstance');
    if (this.#stopping) throw new ApiError('The stand-in is stopping.');
  }

  #graceMs({ settings }: Deployment): number {
    return (settings.drainingSeconds ?? this.#parts.settings.drainingSeconds) * 1000;
  }

  #instanceOf({ instanceId }: Deployment): Instance {
    const found = this.#parts.store.data.instances.find(({ id }) => id === instanceId);
    if (found === undefined) throw notFound('ServiceInstance');
    return found;
  }

  #isLive(id: string): boolean {
    const deployment = this.#parts.store.data.deployments.find((other) => other.id === id);
    return deployment !== undefined && (isUnfinished(deployment) || deployment.status === 'SUCCESS');
  }

  /** Nothing of it runs, and no work is under way but that of `except`: whatever is left is nobody's. */
  #isQuiet(instance: Instance, except?: Deployment): boolean {
    const { store, fleet } = this.#parts;
    const busy = store.data.deployments.some(({ id, instanceId }) => instanceId === instance.id && id !== except?.id && this.#working.has(id));
    return !busy && !fleet.isBusy(instance);
  }

  async #set(deployment: Deployment, status: DeploymentStatus): Promise<void> {
    setStatus(deployment, status);
    await this.#parts.store.save();
  }
}
