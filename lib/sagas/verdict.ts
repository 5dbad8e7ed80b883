import { appwriteFailureOf, type AppwriteFailure } from '@/lib/adapters/appwrite/port';
import { unreachable } from '@/lib/kernel/errors';

/** What a failure means for the step, and the words for a person. Nothing of Appwrite's own text is passed on. */
export type Verdict =
  | { again: true; reason: string; afterMs: number | null; counted: boolean }
  | { again: false; reason: string };

export function verdictOn(error: unknown): Verdict {
  const failure = appwriteFailureOf(error);
  if (failure === undefined) return again('Something went wrong inside Studio. It tries again by itself.');
  return verdictOnAppwrite(failure);
}

function verdictOnAppwrite(failure: AppwriteFailure): Verdict {
  switch (failure.kind) {
    case 'timeout':
      return again('Appwrite did not answer in time. Studio tries again by itself.');
    case 'unavailable':
      return { ...again('Appwrite cannot be reached right now. Studio tries again by itself.'), afterMs: failure.retryAfterMs, counted: failure.sent };
    case 'rate_limited':
      return { ...again('Appwrite is busy and asked to wait. Studio tries again by itself.'), afterMs: failure.retryAfterMs };
    case 'unauthorized':
      return again('Appwrite does not accept the platform account of Studio. An operator has to check it; Studio tries again by itself.');
    case 'broken':
      return again('The project is not complete at Appwrite yet. Studio looks again by itself.');
    case 'conflict':
      return { again: false, reason: 'Appwrite already holds something else under the chosen id.' };
    case 'not_found':
      return { again: false, reason: 'The project is no longer there at Appwrite.' };
    case 'refused':
      return { again: false, reason: 'Appwrite did not accept what Studio asked for.' };
    case 'unsupported':
      return { again: false, reason: 'The Appwrite server is of a version that Studio does not work with. An operator has to look at it.' };
    default:
      return unreachable(failure);
  }
}

function again(reason: string): { again: true; reason: string; afterMs: number | null; counted: boolean } {
  return { again: true, reason, afterMs: null, counted: true };
}
