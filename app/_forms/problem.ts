import type { ProblemShown } from '@/app/_ui/problem-summary';
import { ApiProblem, NetworkProblem } from '@/lib/http/client';

/** Any failure in words for people: what happened, whether something was lost, what to do. */
export function shownProblem(error: unknown): ProblemShown {
  if (error instanceof ApiProblem) {
    const wait = error.status === 429 && error.retryAfterSeconds !== undefined ? ` Try again in ${error.retryAfterSeconds} seconds.` : '';
    return { title: error.title, detail: `${error.message}${wait}`, requestId: error.requestId };
  }
  if (error instanceof NetworkProblem) return { title: 'The server cannot be reached', detail: error.message };
  return { title: 'Something failed in this page', detail: 'Nothing was sent. Reload the page and try again.' };
}
