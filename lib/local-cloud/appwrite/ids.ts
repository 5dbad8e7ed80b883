import { randomBytes } from 'node:crypto';

/** What Appwrite accepts as an id made by a client. */
export const CUSTOM_ID = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}$/;

/** Twenty hex digits like Appwrite's own: seconds, microseconds, then random so that two never meet. */
export function uniqueId(now: number = Date.now()): string {
  const seconds = Math.floor(now / 1000).toString(16).padStart(8, '0');
  const micros = ((now % 1000) * 1000).toString(16).padStart(5, '0');
  return seconds + micros + randomBytes(4).toString('hex').slice(0, 7);
}

/** `2026-11-21T00:12:57.193+00:00`, or the empty string for an absent date. */
export function isoTime(date: Date | null): string {
  return date === null ? '' : date.toISOString().replace('Z', '+00:00');
}
