import { appwriteFailureOf, type AppwriteFailure } from '@/lib/adapters/appwrite/port';
import { railwayFailureOf, type RailwayFailure } from '@/lib/adapters/railway/port';
import { isAppError, unreachable } from '@/lib/kernel/errors';

/** What a failure means for the step, and the words for a person. Nothing of the other side's own text is passed on. */
export type Verdict =
  | { again: true; reason: string; afterMs: number | null; counted: boolean }
  | { again: false; reason: string };

export function verdictOn(error: unknown): Verdict {
  const appwrite = appwriteFailureOf(error);
  if (appwrite !== undefined) return verdictOnAppwrite(appwrite);
  const railway = railwayFailureOf(error);
  if (railway !== undefined) return verdictOnRailway(railway);
  // Said by a verb that the step asked: nothing will change it but a person.
  if (isAppError(error) && error.code === 'conflict') return { again: false, reason: error.message };
  return again('Something went wrong inside Studio. It tries again by itself.');
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

function verdictOnRailway(failure: RailwayFailure): Verdict {
  switch (failure.kind) {
    case 'timeout':
      return again('Railway did not answer in time. Studio tries again by itself.');
    case 'unavailable':
      return { ...again('Railway cannot be reached right now. Studio tries again by itself.'), afterMs: failure.retryAfterMs, counted: failure.sent };
    case 'rate_limited':
      return { ...again('Railway asked to wait, because of its limit on requests. Studio goes on by itself.'), afterMs: failure.retryAfterMs, counted: false };
    case 'unauthorized':
      return { again: false, reason: 'Railway does not accept the token of this organization. Connect Railway again, then deploy again.' };
    case 'not_found':
      return { again: false, reason: 'What this works on is no longer there at Railway.' };
    case 'refused':
      return { again: false, reason: 'Railway did not accept what Studio asked for.' };
    case 'unsupported':
      return again('Railway answered something that Studio does not understand. It tries again by itself.');
    default:
      return unreachable(failure);
  }
}

function again(reason: string): { again: true; reason: string; afterMs: number | null; counted: boolean } {
  return { again: true, reason, afterMs: null, counted: true };
}
