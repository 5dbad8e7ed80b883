/**
 * What Studio asks of an Appwrite server, in Studio's words. Every failure is an `AppwriteError` that carries
 * one member of a closed union; what the server wrote in prose is never looked at, nor shown to a person.
 */
export interface AppwriteAdmin {
  /** The server's version; `unsupported` when it is not one that the adapter knows. */
  version(): Promise<string>;
  /** Makes the team unless it is there; `conflict` when the id belongs to somebody else. */
  ensureTeam(team: { teamId: string; name: string }): Promise<void>;
  /** Answers when Appwrite says that it is done; `conflict` says nothing about whether the project is whole. */
  createProject(project: { teamId: string; projectId: string; name: string }): Promise<RemoteProject>;
  /** `not_found` also when the project belongs to another team. */
  getProject(project: ProjectRef): Promise<RemoteProject>;
  /** Really reads users and buckets; `broken` when the project is there but they do not answer. */
  probeProject(project: ProjectRef): Promise<void>;
  renameProject(project: ProjectRef & { name: string }): Promise<void>;
  /** Appwrite finishes later. A project that is gone already is no failure. */
  deleteProject(project: ProjectRef): Promise<void>;
  projectGone(project: ProjectRef): Promise<boolean>;
  /** One page of all projects that the platform account sees, oldest first; `after` is the id of the last one. */
  listProjects(page: { after?: string; limit: number }): Promise<{ total: number; projects: RemoteProject[] }>;

  createKey(key: NewKey): Promise<RemoteKey>;
  /** The secret comes back each time, so an answer that was lost is found again by its id. */
  getKey(key: { projectId: string; keyId: string }): Promise<RemoteKey>;
  listKeys(projectId: string): Promise<RemoteKey[]>;
  updateKey(key: NewKey): Promise<RemoteKey>;
  /** A key that is gone already is no failure. */
  deleteKey(key: { projectId: string; keyId: string }): Promise<void>;

  createPlatform(platform: { projectId: string; platformId: string; name: string; hostname: string }): Promise<RemotePlatform>;
  listPlatforms(projectId: string): Promise<RemotePlatform[]>;
  deletePlatform(platform: { projectId: string; platformId: string }): Promise<void>;

  listDatabases(projectId: string): Promise<RemoteDatabase[]>;
  listTables(table: { projectId: string; databaseId: string }): Promise<RemoteTable[]>;
  listRows(rows: { projectId: string; databaseId: string; tableId: string } & DataPage): Promise<{ total: number; rows: RemoteRow[] }>;
  listBuckets(projectId: string): Promise<RemoteBucket[]>;
  listFiles(files: { projectId: string; bucketId: string } & DataPage): Promise<{ total: number; files: RemoteFile[] }>;
}

export interface ProjectRef {
  teamId: string;
  projectId: string;
}

export interface RemoteProject {
  id: string;
  name: string;
  teamId: string;
  createdAt: Date;
}

export interface NewKey {
  projectId: string;
  keyId: string;
  name: string;
  scopes: readonly string[];
  expiresAt: Date | null;
}

export interface RemoteKey {
  id: string;
  name: string;
  scopes: string[];
  expiresAt: Date | null;
  secret: string;
  /** When a use was noted: at the first one, and then once a day. Null before the first. */
  usedAt: Date | null;
}

export interface RemotePlatform {
  id: string;
  type: string;
  name: string;
  hostname: string | null;
}

/** `after` is the id on which the page before ended. */
export interface DataPage {
  after?: string;
  limit: number;
}

export interface RemoteDatabase {
  id: string;
  name: string;
}

export interface RemoteTable {
  id: string;
  databaseId: string;
  name: string;
  enabled: boolean;
  columns: { key: string; type: string; required: boolean; array: boolean }[];
}

/** Integers beyond 2^53 come as text, so that no digit is lost. */
export type RemoteRow = Record<string, unknown> & { $id: string };

export interface RemoteBucket {
  id: string;
  name: string;
  enabled: boolean;
  maximumFileSize: number;
}

export interface RemoteFile {
  id: string;
  name: string;
  mimeType: string;
  sizeBytes: number;
  createdAt: Date;
}

/** Of all calls of one `admin`. */
export interface AdminOptions {
  /** They draw on the instance's retry budget. */
  retrying?: boolean;
  /** Row uuid of the organization that they are made for: what it alone meets is not held against the others. */
  tenant?: string;
}

/** One Appwrite server that projects are placed on. */
export interface AppwriteInstance {
  /** The row uuid. */
  id: string;
  /** Where Studio reaches it; ends in `/v1`. */
  endpoint: string;
  /** Where apps reach it; ends in `/v1`. */
  publicEndpoint: string;
  admin(options?: AdminOptions): AppwriteAdmin;
}

export interface AppwriteInstances {
  /** By row uuid; throws when there is no such instance. */
  byId(instanceId: string): Promise<AppwriteInstance>;
}

export type AppwriteFailure =
  | { kind: 'conflict' }
  | { kind: 'not_found' }
  /** The credentials are not accepted; also what Appwrite answers to an unknown team. */
  | { kind: 'unauthorized' }
  /** The input is not accepted: the same call will fail again. `type` is Appwrite's own code. */
  | { kind: 'refused'; type: string }
  | { kind: 'rate_limited'; retryAfterMs: number }
  /** The deadline cut the call; the server may still finish it. */
  | { kind: 'timeout' }
  /** `sent: false` when our own breaker or retry budget kept the call back. */
  | { kind: 'unavailable'; sent: boolean; retryAfterMs: number | null }
  /** A version or route that the adapter does not know. */
  | { kind: 'unsupported'; found: string }
  /** The project exists, but only in part. */
  | { kind: 'broken' };

export class AppwriteError extends Error {
  readonly failure: AppwriteFailure;

  constructor(failure: AppwriteFailure, options: { cause?: unknown } = {}) {
    super(`appwrite: ${failure.kind}`, options);
    this.name = 'AppwriteError';
    this.failure = failure;
  }
}

/** What failed when Appwrite was asked; undefined for any other kind of error. */
export function appwriteFailureOf(error: unknown): AppwriteFailure | undefined {
  return isAppwriteError(error) ? error.failure : undefined;
}

/** By name, not by class: pages and server each load a copy of this module. */
function isAppwriteError(error: unknown): error is AppwriteError {
  return error instanceof Error && error.name === 'AppwriteError' && 'failure' in error;
}
