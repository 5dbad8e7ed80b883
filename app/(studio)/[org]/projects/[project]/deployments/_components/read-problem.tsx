'use client';

import { shownProblem } from '@/app/_forms/problem';
import { ProblemSummary } from '@/app/_ui/problem-summary';

/** Why what is shown could not be read again. */
export function ReadProblem({ error }: { error: Error }) {
  return <ProblemSummary problem={shownProblem(error)} />;
}
