import { railwayFailureOf, type RailwayFailure } from '@/lib/adapters/railway/port';
import { AppError, notFound, unreachable } from '@/lib/kernel/errors';

/** For verbs that ask Railway while somebody waits: what failed there, as an error of ours. */
export async function askingRailway<Result>(what: string, call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    const failure = railwayFailureOf(error);
    throw failure === undefined ? error : translate(failure, what, error);
  }
}

/** What a refused token means to whoever reads it. */
export const tokenRefused = 'Railway does not accept the token of this organization any more. Connect Railway again, then repeat this.';

function translate(failure: RailwayFailure, what: string, cause: unknown): AppError {
  switch (failure.kind) {
    case 'not_found':
      return notFound(what);
    case 'unauthorized':
      return new AppError('conflict', tokenRefused, { cause });
    case 'refused':
      return new AppError('conflict', `Railway does not allow this for the ${what} as it is now. Look at its state, then try again.`, { cause });
    case 'rate_limited':
      return unavailable(cause, failure.retryAfterMs);
    case 'unavailable':
      return unavailable(cause, failure.retryAfterMs ?? 5_000, failure.sent);
    case 'timeout':
    case 'unsupported':
      return unavailable(cause, 5_000, true);
    default:
      return unreachable(failure);
  }
}

/** `unsure` when what was asked for may have happened all the same. */
function unavailable(cause: unknown, retryAfterMs: number, unsure = false): AppError {
  return new AppError('unavailable', 'Railway does not answer right now. Try again in a moment.', { cause, unsure, retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) });
}
