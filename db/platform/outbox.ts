import type { Tx } from './client';

/** What may be asked of the worker, and with what. The organization is added by the database from the context. */
export interface Jobs {
  'run-saga': { saga_id: string };
  'refresh-service': { service_id: string };
  'keep-logs': { deployment_id: string };
  'retire-key': { key_id: string };
  'remove-attempt': { attempt_id: string };
  'deliver-webhook': { delivery_id: string; attempt: number };
  'prove-isolation': { proof_id: string };
  'send-mail': { sealed: string };
}

interface EnqueueOptions {
  /** A job with the same key that has not started yet is replaced. */
  jobKey?: string;
  runAt?: Date;
  /** So much later by the clock of the database, which is the one that jobs are taken by. */
  afterMs?: number;
}

/** Adds a job in the transaction of the change that needs it: both are there after commit, or neither. */
export async function enqueue<Task extends keyof Jobs>(tx: Tx, task: Task, payload: Jobs[Task], { jobKey, runAt, afterMs }: EnqueueOptions = {}): Promise<void> {
  await tx.query(`select studio.enqueue($1, $2::jsonb, $3, coalesce($4::timestamptz, clock_timestamp() + $5::float8 * interval '1 millisecond'))`, [
    task, JSON.stringify(payload), jobKey ?? null, runAt ?? null, afterMs ?? null,
  ]);
}
