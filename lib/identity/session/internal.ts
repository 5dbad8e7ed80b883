import { hash } from 'node:crypto';

/** Sessions end after this much rest, and in any case after the absolute time. */
export const idleTime = '14 days';
export const absoluteTime = '90 days';
/** A token is replaced after this much use of the session, and stands beside the new one for the overlap. */
export const tokenTime = '24 hours';
export const tokenOverlap = '10 seconds';
/** Use within this many milliseconds of the last one is not written down again. */
export const touchAfterMs = 5 * 60_000;

/** Cache keys carry a hash of the token, so that reading the cache opens no session. */
export function sessionCacheKey(token: string): string {
  return `studio:s:${hash('sha256', token, 'base64url')}`;
}

export function sessionCacheKeyOfHash(tokenHash: Buffer): string {
  return `studio:s:${tokenHash.toString('base64url')}`;
}

export function sessionIdCacheKey(publicId: string): string {
  return `studio:sid:${publicId}`;
}
