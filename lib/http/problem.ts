import { AppError, isAppError, type ErrorCode } from '@/lib/kernel/errors';
import type { Log } from '@/lib/kernel/log';
import { problemGuidePath, problemKinds } from './problem-guide';

export function titleOf(code: ErrorCode): string {
  return problemKinds[code].title;
}

interface Asked {
  requestId: string;
  /** The path that was asked for. */
  instance: string;
  log: Log;
  /** Headers that go with every answer. */
  headers?: Record<string, string> | undefined;
}

/** The only mapper from errors to answers: `application/problem+json` (RFC 9457), with code, request id and fields. */
export function problemResponse(error: unknown, { log, headers: always, ...asked }: Asked): Response {
  const known = isAppError(error) ? error : internal(error);
  if (known.status >= 500) log.error({ err: known.cause ?? known, request_id: asked.requestId, code: known.code }, 'request failed');
  const { status, headers, body } = problemOf(known, asked);
  const all = new Headers(always);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(body, { status, headers: all });
}

/** The same as parts, unlogged. */
export function problemOf(known: AppError, { requestId, instance }: Pick<Asked, 'requestId' | 'instance'>): { status: number; headers: Record<string, string>; body: string } {
  const body = {
    type: `${problemGuidePath}#${known.code}`,
    title: titleOf(known.code),
    status: known.status,
    detail: known.message,
    instance,
    code: known.code,
    request_id: requestId,
    ...(known.errors === undefined ? {} : { errors: known.errors }),
    ...(known.right === undefined ? {} : { right: known.right }),
  };
  const headers = {
    'content-type': 'application/problem+json',
    'cache-control': 'private, no-store',
    'x-request-id': requestId,
    ...(known.retryAfterSeconds === undefined ? {} : { 'retry-after': String(known.retryAfterSeconds) }),
  };
  return { status: known.status, headers, body: JSON.stringify(body) };
}

function internal(cause: unknown): AppError {
  return new AppError('internal', 'Something failed on our side. Nothing was changed; try again, and tell us the request id if it stays.', { cause });
}
