import type { Composition } from '@/lib/composition';
import { authenticateApiKey } from '@/lib/identity/api-key/authenticate-api-key';
import { authenticateAccessToken } from '@/lib/identity/session/access-token';
import { authenticateSession } from '@/lib/identity/session/authenticate-session';
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

/**
 * Turns a credential into an actor. A bearer token that does not stand is refused rather than ignored: a program
 * should hear that its key is dead. A dead cookie is a guest, who is asked to sign in where it matters.
 */
export async function authenticate(composition: Composition, { cookie, bearer }: Credentials, requestId: string): Promise<Actor> {
  const ports = { ...composition.ports, requestId };
  if (bearer !== undefined) {
    const actor = bearer.startsWith('stu_') ? await authenticateApiKey(ports, bearer) : await authenticateAccessToken(ports, bearer);
    if (actor === null) throw new AppError('unauthenticated', 'The access token or API key is not valid, was revoked, or has expired.');
    return actor;
  }
  if (cookie === undefined) return { kind: 'anonymous' };
  return (await authenticateSession(ports, cookie)) ?? { kind: 'anonymous' };
}
