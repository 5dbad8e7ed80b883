import { AppwriteError } from './errors';
import { find, findBy, findOneBy, update } from './documents';
import type { Namespace } from './namespace';
import { isObject } from './params';
import { GUEST_ROLES, rolesOfUser, type Asker } from './permissions';
import { namespaceOf, type Platform } from './platform';
import type { RouteOptions } from './route';
import { ADMIN_SCOPES, GUEST_SCOPES, KEY_BASE_SCOPES, USER_SCOPES } from './scopes';
import { keys, memberships, platforms, projects, sessions, teams, users, type ProjectDocument, type SessionDocument, type UserDocument } from './schema';
import { decodeSession, digest, type SessionCookie } from './tokens';

export interface Actor extends Asker {
  kind: 'guest' | 'user' | 'key' | 'admin';
  /** How a refusal names the actor, such as `jo@example.com (role: users)`. */
  label: string;
  scopes: ReadonlySet<string>;
  user?: UserDocument;
  session?: SessionDocument;
}

export interface Credentials {
  project: ProjectDocument | undefined;
  ns: Namespace;
  actor: Actor;
}

export interface Asked {
  header(name: string): string | undefined;
  query(name: string): string | undefined;
  pathProjectId: string | undefined;
  bodyTeamId: string | undefined;
  ownHost: string | undefined;
}

const GUEST: Actor = { kind: 'guest', label: 'User (role: guests)', roles: GUEST_ROLES, privileged: false, scopes: GUEST_SCOPES };

/** Finds out which project is meant and who asks, and refuses whoever lacks the route's scope. */
export async function authenticate(platform: Platform, asked: Asked, options: RouteOptions): Promise<Credentials> {
  const named = asked.header('x-appwrite-project') ?? asked.query('project') ?? '';
  const key = asked.header('x-appwrite-key');
  const aliased = options.projectInPath === true && asked.pathProjectId !== undefined;
  const projectId = aliased ? asked.pathProjectId ?? '' : named;
  const project = projectId === '' || projectId === 'console' ? undefined : await projectOrThrow(platform, projectId);
  const ns = project === undefined ? platform.console : namespaceOf(platform, project);
  const mode = asked.header('x-appwrite-mode') ?? asked.query('mode');
  const admin = project !== undefined && (mode === 'admin' || (aliased && named === 'console'));

  const actor = key === undefined || key === ''
    ? await signedIn(platform, asked, { project, ns, admin }, options)
    : await keyHolder(platform, key, named, project);
  requireScope(actor, options.scopes);
  if (actor.kind !== 'key') await requireKnownOrigin(platform, asked, project);
  return { project, ns, actor };
}

async function projectOrThrow(platform: Platform, projectId: string): Promise<ProjectDocument> {
  const project = await find(platform.console, projects, projectId);
  if (project === undefined) throw new AppwriteError('project_not_found');
  return project;
}

async function keyHolder(platform: Platform, secret: string, named: string, project: ProjectDocument | undefined): Promise<Actor> {
  if (named === '') throw new AppwriteError('project_id_missing');
  if (project === undefined) throw new AppwriteError('user_unauthorized');
  const scopes = secret.startsWith('ephemeral_') ? await ephemeralScopes(platform, secret, project) : await standardScopes(platform, secret, project);
  return {
    kind: 'key', label: `app.${project.$id}@service.localhost (role: applications)`, roles: [], privileged: true,
    scopes: new Set([...KEY_BASE_SCOPES, ...scopes]),
  };
}

async function standardScopes(platform: Platform, secret: string, project: ProjectDocument): Promise<string[]> {
  const found = await findOneBy(platform.console, keys, { project: project.$sequence, secret });
  if (found === undefined) throw new AppwriteError('user_unauthorized');
  const { expire, accessedAt, scopes } = found.values;
  if (expire !== null && expire.getTime() < Date.now()) throw new AppwriteError('project_key_expired');
  const day = 24 * 3600 * 1000;
  // The real server notes the last use about once a day, so that reading stays reading.
  if (accessedAt === null || Date.now() - accessedAt.getTime() > day) {
    await update(platform.console, keys, found.$sequence, { values: { accessedAt: new Date() }, updatedAt: found.$updatedAt });
  }
  return scopes;
}

async function ephemeralScopes(platform: Platform, secret: string, project: ProjectDocument): Promise<string[]> {
  const claims = await platform.signer.read(secret.slice('ephemeral_'.length));
  if (claims?.projectId !== project.$id || !Array.isArray(claims.scopes)) throw new AppwriteError('user_unauthorized');
  return claims.scopes.filter((scope): scope is string => typeof scope === 'string');
}

interface Target {
  project: ProjectDocument | undefined;
  ns: Namespace;
  admin: boolean;
}

async function signedIn(platform: Platform, asked: Asked, target: Target, options: RouteOptions): Promise<Actor> {
  const ns = target.admin ? platform.console : target.ns;
  const found = await findUser(platform, asked, ns, target.admin || target.project === undefined ? 'console' : target.project.$id);
  if (found === undefined) return GUEST;
  const { user, session } = found;
  if (!user.values.status) throw new AppwriteError('user_blocked');
  const joined = await findBy(ns, memberships, { userId: user.$id });
  const actor: Actor = {
    kind: 'user', label: `${user.values.email === '' ? 'User' : user.values.email} (role: users)`,
    roles: rolesOfUser(user, joined), privileged: false, scopes: USER_SCOPES, user, ...(session === undefined ? {} : { session }),
  };
  const teamId = target.admin ? target.project?.values.teamId : options.organization === true ? await organizationOf(platform, asked) : undefined;
  if (teamId === undefined) return actor;
  const role = joined.find((membership) => membership.values.teamId === teamId)?.values.roles[0];
  if (role === undefined) throw new AppwriteError('user_unauthorized');
  return { ...actor, kind: 'admin', label: `${user.values.email} (role: ${role})`, privileged: target.admin, scopes: ADMIN_SCOPES };
}

/** The organization that a console route is about, when it exists. */
async function organizationOf(platform: Platform, asked: Asked): Promise<string | undefined> {
  const projectId = asked.pathProjectId;
  const header = asked.header('x-appwrite-organization');
  const project = header === undefined && projectId !== undefined ? await find(platform.console, projects, projectId) : undefined;
  const teamId = header ?? project?.values.teamId ?? (projectId === undefined ? asked.bodyTeamId : undefined);
  return teamId === undefined || teamId === '' ? undefined : (await find(platform.console, teams, teamId))?.$id;
}

async function findUser(
  platform: Platform, asked: Asked, ns: Namespace, owner: string,
): Promise<{ user: UserDocument; session: SessionDocument | undefined } | undefined> {
  const jwt = asked.header('x-appwrite-jwt');
  const cookie = sessionCookie(asked, owner);
  if (jwt !== undefined && jwt !== '') {
    if (cookie !== undefined) throw new AppwriteError('user_jwt_and_cookie_set');
    return byToken(platform, ns, jwt);
  }
  if (cookie === undefined) return undefined;
  const session = await liveSession(ns, cookie.id);
  if (session === undefined || session.values.secretHash !== digest(cookie.secret)) return undefined;
  const user = await find(ns, users, session.values.userId);
  return user === undefined ? undefined : { user, session };
}

async function byToken(platform: Platform, ns: Namespace, jwt: string): Promise<{ user: UserDocument; session: undefined } | undefined> {
  const claims = await platform.signer.verifyUserToken(jwt);
  if (typeof claims.userId !== 'string' || typeof claims.sessionId !== 'string') return undefined;
  const session = await liveSession(ns, claims.sessionId);
  const user = session?.values.userId === claims.userId ? await find(ns, users, claims.userId) : undefined;
  return user === undefined ? undefined : { user, session: undefined };
}

async function liveSession(ns: Namespace, id: string): Promise<SessionDocument | undefined> {
  const session = await find(ns, sessions, id);
  return session !== undefined && (session.values.expire?.getTime() ?? 0) > Date.now() ? session : undefined;
}

/** Header, cookie, or the JSON of cookies that browsers send when third-party cookies are off. */
function sessionCookie(asked: Asked, owner: string): SessionCookie | undefined {
  const names = [`a_session_${owner}`, `a_session_${owner}_legacy`];
  const cookies = new Map((asked.header('cookie') ?? '').split(/;\s*/).map((pair) => {
    const split = pair.indexOf('=');
    return [pair.slice(0, split), pair.slice(split + 1)] as const;
  }));
  const fallback = parseObject(asked.header('x-fallback-cookies'));
  const text = asked.header('x-appwrite-session')
    ?? names.map((name) => cookies.get(name)).find((value) => value !== undefined)
    ?? names.map((name) => fallback[name]).find((value): value is string => typeof value === 'string');
  return text === undefined ? undefined : decodeSession(text);
}

function parseObject(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function requireScope(actor: Actor, scopes: readonly string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => actor.scopes.has(scope))) return;
  throw new AppwriteError('general_unauthorized_scope', `${actor.label} missing scopes (${JSON.stringify(scopes)})`);
}

/** A browser's page must come from this machine or from a web platform of the project. */
async function requireKnownOrigin(platform: Platform, asked: Asked, project: ProjectDocument | undefined): Promise<void> {
  const origin = asked.header('origin');
  const host = origin === undefined || !URL.canParse(origin) ? undefined : new URL(origin).hostname;
  if (host === undefined || host === '' || host === 'localhost' || host === asked.ownHost) return;
  const known = project === undefined ? [] : await findBy(platform.console, platforms, { project: project.$sequence, type: 'web' });
  if (known.some(({ values }) => hostMatches(values.hostname, host))) return;
  throw new AppwriteError('general_unknown_origin', `Invalid Origin. Register your new client (${host}) as a new Web platform on your project console dashboard`);
}

function hostMatches(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)));
}
