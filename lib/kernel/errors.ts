/** Every refusal the product can give. A door turns the code into its own status; nobody branches on text. */
export const errorCodes = {
  invalid_input: 422,
  malformed_request: 400,
  unauthenticated: 401,
  step_up_required: 403,
  forbidden: 403,
  quota_exceeded: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  payload_too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One wrong field. `pointer` is an RFC 6901 JSON pointer into the request body, `/email` for example. */
export interface FieldError {
  pointer: string;
  detail: string;
}

interface AppErrorOptions {
  /** What went wrong inside; logged, never shown. */
  cause?: unknown;
  errors?: FieldError[];
  /** The missing right, for `forbidden`. */
  right?: string;
  /** The change may or may not have taken effect: the answer to the commit was lost. */
  unsure?: boolean;
  /** Whole seconds after which trying again makes sense. */
  retryAfterSeconds?: number;
}

/** An expected failure. `message` is public: it says what happened and what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly right: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly unsure: boolean;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.errors = options.errors;
    this.right = options.right;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.unsure = options.unsure ?? false;
  }

  get status(): number {
    return errorCodes[this.code];
  }
}

export function notFound(what: string): AppError {
  return new AppError('not_found', `There is no such ${what}, or you cannot see it.`);
}

export function invalid(pointer: string, detail: string): AppError {
  return new AppError('invalid_input', detail, { errors: [{ pointer, detail }] });
}

/** Narrows an unknown thrown value without trusting it. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error;
}

/** For the default branch of an exhaustive switch: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`Unexpected value: ${String(value)}`);
}
