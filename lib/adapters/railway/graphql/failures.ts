import { z } from 'zod';
import { RailwayError, type RailwayFailure } from '../port';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON; undefined when the body is none. */
  body: unknown;
}

/** Railway counts by the hour. */
const longestPauseMs = 60 * 60_000;
const unnamedPauseMs = 30_000;
/** Railway lets a user make one project, and one environment, every 30 seconds. */
const creationPauseMs = 35_000;

const codes: Readonly<Record<string, RailwayFailure>> = {
  UNAUTHENTICATED: { kind: 'unauthorized' },
  UNAUTHORIZED: { kind: 'unauthorized' },
  FORBIDDEN: { kind: 'unauthorized' },
  NOT_FOUND: { kind: 'not_found' },
  BAD_USER_INPUT: { kind: 'refused' },
  RATE_LIMITED: { kind: 'rate_limited', retryAfterMs: unnamedPauseMs },
  TOO_MANY_REQUESTS: { kind: 'rate_limited', retryAfterMs: unnamedPauseMs },
  // The schema is no longer the one that the documents are written for.
  GRAPHQL_PARSE_FAILED: { kind: 'unsupported' },
  GRAPHQL_VALIDATION_FAILED: { kind: 'unsupported' },
};

/**
 * Railway gives these the code INTERNAL_SERVER_ERROR, or none, and says what it means in prose alone. Nothing else in
 * the house looks at a message, and here only at whole ones, in small letters; what is not listed is `refused`.
 */
const messages: Readonly<Record<string, RailwayFailure>> = {
  'not authorized': { kind: 'unauthorized' },
  'two factor authentication required': { kind: 'unauthorized' },
  'project not found': { kind: 'not_found' },
  'environment not found': { kind: 'not_found' },
  'service not found': { kind: 'not_found' },
  'serviceinstance not found': { kind: 'not_found' },
  'deployment not found': { kind: 'not_found' },
  'you are creating projects too quickly': { kind: 'rate_limited', retryAfterMs: creationPauseMs },
  'you are creating environments too quickly': { kind: 'rate_limited', retryAfterMs: creationPauseMs },
  'failed to create service domain, please try again': { kind: 'unavailable', sent: true, retryAfterMs: null },
};

const failed = z.object({
  errors: z
    .array(
      z.object({
        message: z.string().catch(''),
        extensions: z.object({ code: z.string().nullish().catch(null) }).nullish().catch(null),
        traceId: z.string().nullish().catch(null),
      }),
    )
    .min(1),
});

/** What an answer means that is no success; null when it is one. */
export function failureOf(answer: Answer, nowMs: number): RailwayError | null {
  const { status, headers } = answer;
  if (status === 401 || status === 403) return told({ kind: 'unauthorized' }, status);
  if (status === 404) return told({ kind: 'unsupported' }, status);
  if (status === 429) return told({ kind: 'rate_limited', retryAfterMs: pauseOf(headers, nowMs) ?? unnamedPauseMs }, status);
  if (status === 408 || status >= 500) return told({ kind: 'unavailable', sent: true, retryAfterMs: retryAfterOf(headers, nowMs) }, status);
  if (status >= 300 && status < 400) return told({ kind: 'unsupported' }, status);
  const { success, data } = failed.safeParse(answer.body);
  if (success) return failureOfErrors(data.errors, status);
  return status >= 400 ? told({ kind: 'refused' }, status) : null;
}

function failureOfErrors(errors: z.infer<typeof failed>['errors'], status: number): RailwayError {
  // One operation, one field: what follows the first error is a consequence of it.
  const [first] = errors;
  const code = first?.extensions?.code ?? null;
  const failure = meaning(codes, code) ?? meaning(messages, first?.message.trim().replace(/\.$/, '').toLowerCase() ?? null) ?? { kind: 'refused' };
  return told(failure, status, [code, first?.traceId ?? null]);
}

function meaning(table: Readonly<Record<string, RailwayFailure>>, key: string | null): RailwayFailure | undefined {
  return key !== null && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Codes and trace ids help Railway's support; anything that could be prose is left out. */
function told(failure: RailwayFailure, status: number, marks: (string | null)[] = []): RailwayError {
  const plain = marks.filter((mark) => mark !== null && /^(?:[A-Z][A-Z_]{0,63}|\d{1,32})$/.test(mark));
  return new RailwayError(failure, { cause: new Error([`HTTP ${status}`, ...plain].join(', ')) });
}

/** Nothing was sent when there was nobody to send it to. */
const beforeSending = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** What a call means that brought no answer. The error itself may show what was sent, so only its code is kept. */
export function failureOfThrown(error: unknown): RailwayError {
  if (error instanceof RailwayError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') return new RailwayError({ kind: 'timeout' });
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  const cause = new Error(code ?? 'no answer');
  return new RailwayError({ kind: 'unavailable', sent: code === null || !beforeSending.has(code), retryAfterMs: null }, { cause });
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{1,64}$/.test(error.code) ? error.code : null;
}

function pauseOf(headers: Headers, nowMs: number): number | null {
  return retryAfterOf(headers, nowMs) ?? until(headers.get('x-ratelimit-reset'), nowMs);
}

/** In seconds or as a date. */
function retryAfterOf(headers: Headers, nowMs: number): number | null {
  const after = headers.get('retry-after');
  return after !== null && /^\d+$/.test(after) ? within(Number(after) * 1_000) : until(after, nowMs);
}

/** A moment as a date, or in seconds or milliseconds since 1970; a smaller number is the seconds that are left. */
function until(moment: string | null, nowMs: number): number | null {
  if (moment === null) return null;
  if (!/^\d+(?:\.\d+)?$/.test(moment)) return within(Date.parse(moment) - nowMs);
  const value = Number(moment);
  if (value >= 1e12) return within(value - nowMs);
  return within(value >= 1e9 ? value * 1_000 - nowMs : value * 1_000);
}

/** At least a second, so that clocks that differ make no tight loop. */
function within(ms: number): number | null {
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1_000), longestPauseMs) : null;
}
