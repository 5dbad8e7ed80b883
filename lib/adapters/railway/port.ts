/**
 * What Studio asks of Railway, in Studio's words. Every failure is a `RailwayError` that carries one member of a
 * closed union; what Railway wrote in prose is never looked at, nor shown to a person.
 */
export interface Railway {
  /** Whose token this is; `unauthorized` when Railway does not accept it. */
  whoAmI(): Promise<RailwayAccount>;

  /** The project of that name in the workspace, for an answer that was lost; null when there is none. */
  findProject(project: { workspaceId: string; name: string }): Promise<RailwayProject | null>;
  createProject(project: { workspaceId: string; name: string; environmentName: string }): Promise<RailwayProject>;
  getProject(projectId: string): Promise<RailwayProject>;
  /** One that is gone already is no failure. */
  deleteProject(projectId: string): Promise<void>;

  createEnvironment(environment: { projectId: string; name: string }): Promise<Named>;

  /** Without a source, so that nothing is deployed yet. A name that is taken is `refused`: after a lost answer the project is read first. */
  createService(service: { projectId: string; environmentId: string; name: string }): Promise<Named>;
  /** One that is gone already is no failure. */
  deleteService(serviceId: string): Promise<void>;
  configureService(at: ServiceInstance, settings: ServiceSettings): Promise<void>;
  connectSource(serviceId: string, source: ServiceSource): Promise<void>;
  /** The domain that Railway gives the service, made when it has none. */
  ensureDomain(at: ServiceInstance & { projectId: string }): Promise<string>;

  /** Rendered: references are replaced by what they stand for. */
  /** As they were written: what refers to another variable is not filled in. */
  getVariables(at: ServiceInstance & { projectId: string }): Promise<Record<string, string>>;
  /** In one write and without a deployment. `replace` removes every variable that is not named. */
  setVariables(at: ServiceInstance & { projectId: string }, variables: Record<string, string>, options: { replace: boolean }): Promise<void>;

  /** Answers the id of the new deployment. */
  deploy(at: ServiceInstance, source: { commit: string | null }): Promise<string>;
  getDeployment(deploymentId: string): Promise<RailwayDeployment>;
  /** The newest first; for a deployment whose id was lost with an answer. */
  listDeployments(at: ServiceInstance & { projectId: string; limit: number }): Promise<RailwayDeployment[]>;
  redeploy(deploymentId: string): Promise<RailwayDeployment>;
  restart(deploymentId: string): Promise<void>;
  /** Makes a deployment anew with the build and the variables of an earlier one. */
  rollback(deploymentId: string): Promise<void>;
  stop(deploymentId: string): Promise<void>;
  cancel(deploymentId: string): Promise<void>;

  /** Lines from `since` on, that moment included, the oldest first. */
  buildLogs(deploymentId: string, page: { since: string | null; limit: number }): Promise<RailwayLogLine[]>;
  runtimeLogs(deploymentId: string, page: { since: string | null; limit: number }): Promise<RailwayLogLine[]>;
  /**
   * Hands over the newest lines, then each as it is written, until `signal` aborts or Railway ends it: then it resolves.
   * A connection that is lost is a failure like any other; lines that were seen may come again after it.
   */
  followLogs(deploymentId: string, kind: 'build' | 'runtime', onLines: (lines: RailwayLogLine[]) => void, signal: AbortSignal): Promise<void>;
}

export interface Named {
  id: string;
  name: string;
}

/** A token of an account or a workspace. One of a single project cannot make projects, so it is `refused`. */
export interface RailwayAccount {
  name: string;
  workspaces: Named[];
}

export interface RailwayProject extends Named {
  environments: Named[];
  services: Named[];
}

/** A service has its own settings, variables and deployments in each environment. */
export interface ServiceInstance {
  serviceId: string;
  environmentId: string;
}

export interface ServiceSettings {
  buildCommand: string | null;
  startCommand: string | null;
  rootDirectory: string | null;
  /** A path that answers 200 once the app serves; null for none. */
  healthcheckPath: string | null;
  healthcheckTimeoutSeconds: number | null;
}

export type ServiceSource = { kind: 'repository'; repository: string; branch: string } | { kind: 'image'; image: string };

/** Railway's own states, as its schema lists them. */
export const deploymentStatuses = [
  'BUILDING', 'CRASHED', 'DEPLOYING', 'FAILED', 'INITIALIZING', 'NEEDS_APPROVAL', 'QUEUED',
  'REMOVED', 'REMOVING', 'SKIPPED', 'SLEEPING', 'SUCCESS', 'WAITING',
] as const;

export type DeploymentStatus = (typeof deploymentStatuses)[number];

export interface RailwayDeployment {
  id: string;
  status: DeploymentStatus;
  createdAt: Date;
  statusUpdatedAt: Date | null;
  /** With its scheme; null until the service has a domain. */
  url: string | null;
  canRedeploy: boolean;
  canRollback: boolean;
  stopped: boolean;
  commit: string | null;
}

export interface RailwayLogLine {
  /** As Railway writes it, with up to nine decimals of a second; lines sort by it. */
  timestamp: string;
  severity: string | null;
  message: string;
}

export type RailwayFailure =
  /** The token is not accepted, or may not do this. */
  | { kind: 'unauthorized' }
  | { kind: 'not_found' }
  /** The input is not accepted: the same call will fail again. */
  | { kind: 'refused' }
  | { kind: 'rate_limited'; retryAfterMs: number }
  /** The deadline cut the call; Railway may still finish it. */
  | { kind: 'timeout' }
  /** `sent: false` when nothing reached Railway: no connection, or our own breaker kept the call back. */
  | { kind: 'unavailable'; sent: boolean; retryAfterMs: number | null }
  /** An answer that the adapter does not understand. */
  | { kind: 'unsupported' };

export class RailwayError extends Error {
  readonly failure: RailwayFailure;

  constructor(failure: RailwayFailure, options: { cause?: unknown } = {}) {
    super(`railway: ${failure.kind}`, options);
    this.name = 'RailwayError';
    this.failure = failure;
  }
}

/** What failed when Railway was asked; undefined for any other kind of error. */
export function railwayFailureOf(error: unknown): RailwayFailure | undefined {
  return isRailwayError(error) ? error.failure : undefined;
}

/** By name, not by class: pages and server each load a copy of this module. */
function isRailwayError(error: unknown): error is RailwayError {
  return error instanceof Error && error.name === 'RailwayError' && 'failure' in error;
}
