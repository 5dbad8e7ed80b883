import type { Composition } from '@/lib/composition';
import { authenticateApiKey } from '@/lib/identity/api-key/authenticate-api-key';
import { authenticateAccessToken } from '@/lib/identity/session/access-token';
import { findSession } from '@/lib/identity/session/authenticate-session';
import type { Actor } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { sessionToken } from './session-cookie';

export interface Credentials {
  /** The value of the session cookie. */
  cookie: string | undefined;
  /** What follows `Bearer ` in the Authorization header. */
  bearer: string | undefined;
}

export function readCredentials(header: (name: string) => string | undefined, baseUrl: string): Credentials {
  const [scheme = '', bearer] = (header('authorization') ?? '').split(' ', 2);
  return { cookie: sessionToken(header('cookie'), baseUrl), bearer: scheme.toLowerCase() === 'bearer' ? bearer : undefined };
}

export interface Caller {
  actor: Actor;
  /** The session token that should be replaced with the answer, where the answer can carry a cookie. */
  due: { sessionId: string; token: string } | null;
}

/**
 * Turns a credential into an actor. A bearer token that does not stand is refused rather than ignored: a program
 * should hear that its key is dead. A dead cookie is a guest, who is asked to sign in where it matters.
 */
export async function authenticate(composition: Composition, { cookie, bearer }: Credentials, requestId: string): Promise<Caller> {
  // Field by field, as in `contextFor`.
  const { database, cache, vault, log, clock, baseUrl } = composition.ports;
  const ports = { database, cache, vault, log, clock, baseUrl, requestId };
  if (bearer !== undefined) {
    const actor = bearer.startsWith('stu_') ? await authenticateApiKey(ports, bearer) : await authenticateAccessToken(ports, bearer);
    if (actor === null) throw new AppError('unauthenticated', 'The access token or API key is not valid, was revoked, or has expired.');
    return { actor, due: null };
  }
  const session = cookie === undefined ? null : await findSession(ports, cookie);
  if (cookie === undefined || session === null) return { actor: { kind: 'anonymous' }, due: null };
  return { actor: session.actor, due: session.due ? { sessionId: session.actor.sessionId, token: cookie } : null };
}
