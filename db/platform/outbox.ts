import type { Tx } from './client';

/** What may be asked of the worker, and with what. The organization is added by the database from the context. */
export interface Jobs {
  'run-saga': { saga_id: string };
  'refresh-service': { service_id: string };
  'keep-logs': { deployment_id: string };
  'retire-key': { key_id: string };
  'remove-attempt': { attempt_id: string };
  'deliver-webhook': { delivery_id: string; attempt: number };
  'send-mail': { sealed: string };
}

interface EnqueueOptions {
  /** A job with the same key that has not started yet is replaced. */
  jobKey?: string;
  runAt?: Date;
}

/** Adds a job in the transaction of the change that needs it: both are there after commit, or neither. */
export async function enqueue<Task extends keyof Jobs>(tx: Tx, task: Task, payload: Jobs[Task], { jobKey, runAt }: EnqueueOptions = {}): Promise<void> {
  await tx.query('select studio.enqueue($1, $2::jsonb, $3, $4)', [task, JSON.stringify(payload), jobKey ?? null, runAt ?? null]);
}
