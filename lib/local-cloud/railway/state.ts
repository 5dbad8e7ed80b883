import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

export const deploymentStatus = z.enum([
  'BUILDING', 'CRASHED', 'DEPLOYING', 'FAILED', 'INITIALIZING', 'NEEDS_APPROVAL', 'QUEUED',
  'REMOVED', 'REMOVING', 'SKIPPED', 'SLEEPING', 'SUCCESS', 'WAITING',
]);
const variables = z.record(z.string(), z.string());
const source = z.object({ repo: z.string().nullable(), image: z.string().nullable(), branch: z.string().nullable() });
const instanceSettings = z.object({
  builder: z.enum(['HEROKU', 'NIXPACKS', 'PAKETO', 'RAILPACK']).default('RAILPACK'),
  buildCommand: z.string().nullable().default(null),
  startCommand: z.string().nullable().default(null),
  rootDirectory: z.string().nullable().default(null),
  healthcheckPath: z.string().nullable().default(null),
  healthcheckTimeout: z.number().int().nullable().default(null),
  drainingSeconds: z.number().int().nullable().default(null),
  restartPolicyType: z.enum(['ALWAYS', 'NEVER', 'ON_FAILURE']).default('ON_FAILURE'),
  restartPolicyMaxRetries: z.number().int().default(3),
});
const project = z.object({ id: z.string(), name: z.string(), description: z.string().nullable(), workspaceId: z.string(), createdAt: z.string() });
const environment = z.object({ id: z.string(), projectId: z.string(), name: z.string(), isEphemeral: z.boolean(), variables, createdAt: z.string() });
const service = z.object({ id: z.string(), projectId: z.string(), name: z.string(), createdAt: z.string() });
const instance = z.object({
  id: z.string(), projectId: z.string(), serviceId: z.string(), environmentId: z.string(), createdAt: z.string(),
  settings: instanceSettings,
  source,
  variables,
  domain: z.object({ id: z.string(), port: z.number().int(), createdAt: z.string() }).nullable(),
  /** The user that its apps run as when the stand-in may choose. */
  uid: z.number().int(),
});
const deployment = z.object({
  id: z.string(), projectId: z.string(), serviceId: z.string(), environmentId: z.string(), instanceId: z.string(),
  status: deploymentStatus,
  createdAt: z.string(), statusUpdatedAt: z.string(),
  /** As they were when it was made: a rollback brings them back. */
  settings: instanceSettings, source,
  /** What the app is given, references replaced. */
  variables,
  /** What the service had, references and all. */
  serviceVariables: variables,
  commit: z.string().nullable(),
  /** Folder of its build, shared by the deployments that used it again; null when it is gone or was never made. */
  buildId: z.string().nullable(),
  stopped: z.boolean(),
  /** Leads the process group of the running app; start time and boot tell it from a later process of the same number. */
  process: z.object({ pid: z.number().int(), mark: z.string(), boot: z.string() }).nullable(),
});
const stateShape = z.object({
  version: z.literal(1),
  /** Begins the mark of every process of an app, so that no other process is ever taken for one. */
  secret: z.string().min(32),
  /** The lowest user number of the block that apps of this folder get theirs from; null until it is needed. */
  firstUid: z.number().int().nullable(),
  projects: z.array(project), environments: z.array(environment), services: z.array(service),
  instances: z.array(instance),
  /** The oldest first. */
  deployments: z.array(deployment),
});

export type Project = z.infer<typeof project>;
export type Environment = z.infer<typeof environment>;
export type Service = z.infer<typeof service>;
export type Instance = z.infer<typeof instance>;
export type InstanceSettings = z.infer<typeof instanceSettings>;
export type Source = z.infer<typeof source>;
export type Deployment = z.infer<typeof deployment>;
export type DeploymentStatus = z.infer<typeof deploymentStatus>;
type State = z.infer<typeof stateShape>;

export const freshSettings = (): InstanceSettings => instanceSettings.parse({});
export const noSource = (): Source => ({ repo: null, image: null, branch: null });

/** Everything that a restart keeps. What callers get are the kept objects: they change them and call `save`. */
export class Store {
  readonly data: State;
  readonly #file: string;
  #writing: Promise<void> | undefined;
  #changed = false;
  readonly #listeners = new Set<() => void>();

  private constructor(file: string, data: State) {
    this.#file = file;
    this.data = data;
  }

  static async open(dataDir: string): Promise<Store> {
    await mkdir(dataDir, { recursive: true });
    // Apps run as other users and pass through to their own folders; they cannot list this one.
    await chmod(dataDir, 0o711);
    const file = path.join(dataDir, 'state.json');
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    return new Store(file, text === undefined ? emptyState() : readState(text, file));
  }

  /** Resolves once what is in memory now is on disk; calls that come while one write runs share the next. */
  async save(): Promise<void> {
    this.#changed = true;
    for (const listener of this.#listeners) listener();
    this.#writing ??= this.#write().finally(() => { this.#writing = undefined; });
    return this.#writing;
  }

  /** Tells of every change, until the function that it answers is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #write(): Promise<void> {
    while (this.#changed) {
      this.#changed = false;
      const draft = `${this.#file}.new`;
      await writeFile(draft, JSON.stringify(this.data), { mode: 0o600 });
      await rename(draft, this.#file);
    }
  }
}

function emptyState(): State {
  return { version: 1, secret: randomBytes(24).toString('hex'), firstUid: null, projects: [], environments: [], services: [], instances: [], deployments: [] };
}

function readState(text: string, file: string): State {
  try {
    return stateShape.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`The state of the local Railway stand-in cannot be read: ${file}. Move the file away to begin anew.`, { cause: error });
  }
}
