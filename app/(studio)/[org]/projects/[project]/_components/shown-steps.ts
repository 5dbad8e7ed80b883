import type { StepShown } from '@/app/_ui/step-list';
import { duration, wholeSeconds } from '@/app/_ui/time';
import type { ProvisioningView } from '@/lib/projects/schemas';

type Step = ProvisioningView['steps'][number];

/** The steps in words: elapsed time while one runs, its duration when done, attempt and reason while it is retried. */
export function shownSteps(view: Pick<ProvisioningView, 'steps'>, nowMs: number | null): StepShown[] {
  return view.steps.map((step) => ({ key: step.key, name: step.name, state: step.state, timing: timingOf(step, nowMs), note: noteOf(step, nowMs) }));
}

function timingOf({ state, started_at: startedAt, finished_at: finishedAt }: Step, nowMs: number | null): string | null {
  if (startedAt === null || state === 'waiting' || state === 'skipped') return null;
  const end = finishedAt === null ? nowMs : Date.parse(finishedAt);
  return end === null ? null : duration(end - Date.parse(startedAt));
}

function noteOf({ state, attempt, reason, next_attempt_at: nextAttemptAt }: Step, nowMs: number | null): string | null {
  if (state === 'skipped') return reason ?? 'Not needed for this project.';
  if (state !== 'retrying') return state === 'done' && attempt > 1 ? `Took ${attempt} attempts.` : reason;
  const waitMs = nextAttemptAt === null || nowMs === null ? 0 : Date.parse(nextAttemptAt) - nowMs;
  const next = waitMs > 0 ? ` Next attempt in ${wholeSeconds(waitMs)}.` : '';
  return `Attempt ${attempt} failed: ${reason ?? 'no reason was given'}.${next}`.replace('..', '.');
}
