import { appwriteFailureOf } from '@/lib/adapters/appwrite/port';
import { AppError, notFound, unreachable } from '@/lib/kernel/errors';

/**
 * For verbs that ask Appwrite while somebody waits: what failed there, as an error of ours. `what` is the thing
 * that was asked for, as in "There is no such table".
 */
export async function asking<Result>(what: string, call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw translate(error, what);
  }
}

function translate(error: unknown, what: string): unknown {
  const failure = appwriteFailureOf(error);
  if (failure === undefined) return error;
  switch (failure.kind) {
    case 'not_found':
      return notFound(what);
    case 'conflict':
      return new AppError('conflict', `Appwrite already has such a ${what}.`, { cause: error });
    case 'refused':
      return new AppError('invalid_input', `Appwrite did not accept this for the ${what}. Check what you entered.`, { cause: error });
    case 'rate_limited':
      return unavailable(error, failure.retryAfterMs);
    case 'unavailable':
      return unavailable(error, failure.retryAfterMs ?? 5_000);
    case 'timeout':
    case 'broken':
    case 'unauthorized':
    case 'unsupported':
      return unavailable(error, 5_000);
    default:
      return unreachable(failure);
  }
}

function unavailable(cause: unknown, retryAfterMs: number): AppError {
  return new AppError('unavailable', 'Appwrite does not answer right now. Try again in a moment.', { cause, retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) });
}
