import type { Tx } from '@/db/platform/client';

/** Deletes what nobody can use any more: tokens and sessions a month after their end, answers after their day, saga events after 90 days. */
export async function purgeStale(tx: Tx): Promise<void> {
  await tx.query(`delete from one_time_tokens where coalesce(consumed_at, expires_at) < now() - interval '30 days'`);
  await tx.query(`delete from user_sessions where least(coalesce(revoked_at, 'infinity'), idle_expires_at, expires_at) < now() - interval '30 days'`);
  await tx.query('delete from idempotency_keys where expires_at < now()');
  await tx.query(`delete from saga_events where at < now() - interval '90 days'`);
}
