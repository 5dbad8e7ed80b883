import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { isAppError, type AppError } from '@/lib/kernel/errors';

const kinds = {
  general_argument_invalid: 400,
  general_access_forbidden: 403,
  project_id_missing: 403,
  project_not_found: 404,
  general_route_not_found: 404,
  payload_too_large: 413,
  general_rate_limit_exceeded: 429,
  general_server_error: 500,
  general_service_unavailable: 503,
  general_gateway_timeout: 504,
} as const;

export type RefusalKind = keyof typeof kinds;

/** What the gateway itself answers, in the shape that Appwrite's SDKs read. `message` is public. */
export class Refusal extends Error {
  constructor(
    readonly kind: RefusalKind,
    message: string,
    readonly options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'Refusal';
  }

  get status(): number {
    return kinds[this.kind];
  }
}

export function unavailable(cause?: unknown): Refusal {
  return new Refusal('general_service_unavailable', 'The backend of this project cannot be reached right now. Try again in a moment.', { retryAfterSeconds: 2, cause });
}

/** A deleted project, one of another Studio and one that never was look the same, in Appwrite's own words. */
export function noSuchProject(): Refusal {
  return new Refusal('project_not_found', 'Project with the requested ID could not be found. Please check the value of the X-Appwrite-Project header to ensure the correct project ID is being used.');
}

export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!isAppError(error)) return new Refusal('general_server_error', 'Something failed on our side. Try again in a moment.', { cause: error });
  return new Refusal(kindOf(error), error.message, { cause: error, ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }) });
}

function kindOf({ code }: AppError): RefusalKind {
  if (code === 'rate_limited') return 'general_rate_limit_exceeded';
  return code === 'unavailable' ? 'general_service_unavailable' : 'general_server_error';
}

/** Readable by the page that asked, whichever it is: a refusal holds nothing but its own words. */
export function refusalHeaders({ options }: Refusal, { origin }: IncomingHttpHeaders): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(origin === undefined ? {} : { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'origin' }),
    ...(options.retryAfterSeconds === undefined ? {} : { 'retry-after': String(options.retryAfterSeconds) }),
  };
}

export function refusalBody({ message, status, kind }: Refusal): string {
  return JSON.stringify({ message, code: status, type: kind });
}

export function sendRefusal(response: ServerResponse, refusal: Refusal, asked: IncomingHttpHeaders): void {
  const body = refusalBody(refusal);
  response.writeHead(refusal.status, { ...refusalHeaders(refusal, asked), 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
