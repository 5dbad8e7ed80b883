import { expect } from 'vitest';
import { isAppError, type AppError, type ErrorCode } from '@/lib/kernel/errors';
import type { TestStudio } from './context';

/** Runs what must be refused and answers the refusal. */
export async function refusal(work: Promise<unknown>): Promise<AppError> {
  const outcome = await work.then(
    () => new Error('it was allowed'),
    (error: unknown) => error,
  );
  if (!isAppError(outcome)) throw outcome;
  return outcome;
}

export async function expectRefusal(work: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const error = await refusal(work);
  expect(error.code, error.message).toBe(code);
  return error;
}

interface Logged {
  action: string;
  outcome: string;
  actor_id: string | null;
  target_id: string | null;
  reason: string | null;
  changes: Record<string, { from: unknown; to: unknown }> | null;
}

/** The audit rows of an organization, oldest first. */
export function auditOf(studio: TestStudio, organization: { rowId: string }): Promise<Logged[]> {
  return studio.raw<Logged>(
    'select action, outcome, actor_id, target_id, reason, changes from audit_logs where organization_id = $1 order by id',
    [organization.rowId],
  );
}
