import { network, type Allowance } from '@/lib/adapters/limits/limits';
import type { Composition } from '@/lib/composition';
import { renewToken } from '@/lib/identity/session/renew-token';
import { AppError, isAppError } from '@/lib/kernel/errors';
import { authenticate, type Caller, type Credentials } from './authenticate';
import { setSessionCookie } from './session-cookie';

/**
 * Who asks, for everything that a stranger can reach. A credential that does not stand counts for the address that
 * sent it: each costs a look into the database, and made-up ones must not each get an allowance of their own.
 */
export async function identify(composition: Composition, credentials: Credentials, requestId: string, ip: string | null): Promise<Caller> {
  const presented = credentials.bearer !== undefined || credentials.cookie !== undefined;
  const caller = await authenticate(composition, credentials, requestId).catch((error: unknown) => (isAppError(error) && error.code === 'unauthenticated' ? error : Promise.reject(error)));
  if (presented && ('code' in caller || caller.actor.kind === 'anonymous')) {
    const { allowance, allowed } = await composition.ports.limits.request(addressKey(ip));
    if (!allowed) throw tooMany(allowance);
  }
  if ('code' in caller) throw caller;
  return caller;
}

/** The header that gives the browser the session's new token when the old one has served its time; no header otherwise. */
export async function renewedCookie({ ports, env }: Composition, { due }: Caller, requestId: string): Promise<Record<string, string>> {
  if (due === null) return {};
  const token = await renewToken({ ...ports, requestId }, due);
  return token === null ? {} : { 'set-cookie': setSessionCookie(token, env.STUDIO_URL) };
}

/** What a request counts for that has no credential of its own. */
export function addressKey(ip: string | null): string {
  return `ip:${ip === null ? 'unknown' : network(ip)}`;
}

export function tooMany({ quota, resetSeconds }: Allowance): AppError {
  return new AppError('rate_limited', `More than ${quota} requests in a minute. Wait ${resetSeconds} seconds.`, { retryAfterSeconds: resetSeconds });
}
