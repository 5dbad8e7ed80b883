import type { Actor } from './actor';
import type { Namespace } from './namespace';
import type { Input } from './params';
import type { Platform } from './platform';
import type { ProjectDocument } from './schema';

/** One authenticated request, as a handler sees it. */
export interface Call {
  platform: Platform;
  /** Undefined on the console. */
  project: ProjectDocument | undefined;
  /** The namespace of the project, or the console's. */
  ns: Namespace;
  actor: Actor;
  input: Input;
  request: Request;
  ip: string;
  /** A path parameter that the route's pattern names. */
  path(name: string): string;
  /** Set by a fault: a project create dies after so many tables. */
  tablesBeforeDeath: number | undefined;
  /** True when the client asked for answers in the shape of an older version. */
  before(version: string): boolean;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: ReadonlyArray<readonly [string, string]>;
}

export interface RouteOptions {
  /** Any one of these opens the route; empty means everybody. */
  scopes: readonly string[];
  /** The hourly or per-minute limit that the real server announces in `x-ratelimit-*`. */
  limit?: number;
  /** The project comes from the path (`/v1/projects/:projectId/…`), in administration mode. */
  projectInPath?: boolean;
  /** Rights come from the membership of the organization that header, body or project names. */
  organization?: boolean;
}

export interface Route extends RouteOptions {
  method: string;
  path: string;
  handle(call: Call): Promise<Reply | Response>;
}

/** `route('GET /v1/teams', { scopes: ['teams.read'] }, handler)`. */
export function route(pattern: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /v1${string}`, options: RouteOptions, handle: Route['handle']): Route {
  const [method = '', path = ''] = pattern.split(' ');
  return { method, path, handle, ...options };
}

export function reply(status: number, body: unknown): Reply {
  return { status, body };
}

export function noContent(): Reply {
  return { status: 204, headers: [['content-type', 'text/html']] };
}
