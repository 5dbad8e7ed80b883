import { AppwriteError, type AppwriteFailure } from '../port';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or the text when it is none. */
  body: unknown;
}

/** The server hides no limit window longer than this behind one 429. */
const longestPauseMs = 10 * 60_000;

/** What an answer of 300 or more means. Statuses and Appwrite's `type` decide; the message never does. */
export function failureOf({ status, headers, body }: Answer, nowMs: number): AppwriteFailure {
  const type = typeOf(body);
  if (status === 401) return { kind: 'unauthorized' };
  // An unknown route answers with an HTML page; a missing thing answers with a type.
  if (status === 404) return type === null ? { kind: 'unsupported', found: 'unknown route' } : { kind: 'not_found' };
  if (status === 409) return { kind: 'conflict' };
  if (status === 429) return { kind: 'rate_limited', retryAfterMs: pauseOf(headers, nowMs) ?? 5_000 };
  if (status === 501) return { kind: 'unsupported', found: type ?? 'not implemented' };
  if (status === 408 || status >= 500) return { kind: 'unavailable', sent: true, retryAfterMs: pauseOf(headers, nowMs) };
  if (status < 400) return { kind: 'unsupported', found: `redirect ${status}` };
  return { kind: 'refused', type: type ?? `http_${status}` };
}

/** What a call means that brought no answer at all. */
export function failureOfThrown(error: unknown): AppwriteError {
  if (error instanceof AppwriteError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') return new AppwriteError({ kind: 'timeout' }, { cause: error });
  return new AppwriteError({ kind: 'unavailable', sent: true, retryAfterMs: null }, { cause: error });
}

export function typeOf(body: unknown): string | null {
  return typeof body === 'object' && body !== null && 'type' in body && typeof body.type === 'string' ? body.type : null;
}

/** `Retry-After` in seconds or as a date, else the end of Appwrite's own limit window. */
function pauseOf(headers: Headers, nowMs: number): number | null {
  const after = headers.get('retry-after');
  if (after !== null) {
    const ms = /^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - nowMs;
    if (Number.isFinite(ms)) return within(ms);
  }
  const reset = headers.get('x-ratelimit-reset');
  const exhausted = headers.get('x-ratelimit-remaining') === '0';
  return exhausted && reset !== null && /^\d+$/.test(reset) ? within(Number(reset) * 1_000 - nowMs) : null;
}

function within(ms: number): number {
  return Math.min(Math.max(ms, 0), longestPauseMs);
}
