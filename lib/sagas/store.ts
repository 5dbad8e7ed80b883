import { enqueue } from '@/db/platform/outbox';
import { notify, noticeChannel, type Notice } from '@/db/platform/notify';
import type { TenantTx } from '@/db/platform/client';
import type { Saga, SagaKind } from './definition';

export type StepState = 'waiting' | 'running' | 'retrying' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone';
export type SagaState = 'running' | 'undoing' | 'done' | 'undone' | 'stuck';

export interface StepRow {
  key: string;
  state: StepState;
  attempt: number;
  undo_attempt: number;
  /** Since the step first started, by the database's clock; null when it never did. */
  running_ms: number | null;
  reason: string | null;
}

const stepColumns = `key, state, attempt, undo_attempt, reason,
  (extract(epoch from clock_timestamp() - started_at) * 1000)::float8 as running_ms`;

export type SagaEvent =
  | 'started' | 'pending' | 'succeeded' | 'skipped' | 'retrying' | 'redone' | 'failed'
  | 'undo-started' | 'undo-retrying' | 'undo-failed' | 'undone'
  | 'saga-done' | 'saga-undone' | 'saga-stuck';

/** Somebody else holds the lease now: this run must not write any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export interface Lease {
  saga: Saga;
  /** From when the lease was taken until the saga's deadline, by the database's clock; a worker's own may be wrong. */
  leftMs: number;
  state: 'running' | 'undoing';
  token: number;
  steps: Map<string, StepRow>;
  error: { code: string; message: string } | null;
}

interface SagaRow {
  id: string;
  organization_id: string;
  project_id: string;
  service_id: string | null;
  kind: SagaKind;
  state: 'running' | 'undoing';
  input: Record<string, unknown>;
  left_ms: number;
  lease_token: string;
  error: { code: string; message: string } | null;
}

/**
 * Takes the lease when it is free. `busyMs` says how long somebody else holds it, `closed` that there is
 * nothing left to do. Each lease has a new token, and every write asks whether it still is the newest.
 */
export async function takeLease(
  tx: TenantTx,
  organizationId: string,
  sagaId: string,
  leaseMs: number,
): Promise<{ lease: Lease } | { busyMs: number } | { closed: true }> {
  const [row] = await tx.query<SagaRow>(
    `update sagas set lease_token = lease_token + 1, leased_until = clock_timestamp() + $3 * interval '1 millisecond'
      where organization_id = $1 and id = $2 and state in ('running', 'undoing')
        and (leased_until is null or leased_until < clock_timestamp())
      returning id, organization_id, project_id, service_id, kind, state, input, lease_token, error,
        (extract(epoch from deadline_at - clock_timestamp()) * 1000)::float8 as left_ms`,
    [organizationId, sagaId, leaseMs],
  );
  if (row === undefined) return heldOrClosed(tx, organizationId, sagaId);
  const [steps] = await Promise.all([
    tx.query<StepRow>(`select ${stepColumns} from saga_steps where organization_id = $1 and saga_id = $2 order by position`, [organizationId, sagaId]),
    watch(tx, sagaId, leaseMs),
  ]);
  const { id, project_id: projectId, service_id: serviceId, kind, input } = row;
  return {
    lease: {
      saga: { id, organizationId, projectId, serviceId, kind, input },
      leftMs: row.left_ms,
      state: row.state,
      token: Number(row.lease_token),
      steps: new Map(steps.map((step) => [step.key, step])),
      error: row.error,
    },
  };
}

async function heldOrClosed(tx: TenantTx, organizationId: string, sagaId: string): Promise<{ busyMs: number } | { closed: true }> {
  const [row] = await tx.query<{ busy_ms: number | null }>(
    `select (extract(epoch from leased_until - clock_timestamp()) * 1000)::float8 as busy_ms from sagas where organization_id = $1 and id = $2 and state in ('running', 'undoing')`,
    [organizationId, sagaId],
  );
  if (row === undefined) return { closed: true };
  const busyMs = Math.max(0, row.busy_ms ?? 0);
  await schedule(tx, sagaId, { afterMs: busyMs + 500 });
  return { busyMs };
}

/** Asks once more after the lease's end, in case its holder is gone by then: a killed worker tells nobody. */
async function watch(tx: TenantTx, sagaId: string, leaseMs: number): Promise<void> {
  await schedule(tx, sagaId, { afterMs: leaseMs + 500 });
}

/** There is one job for each saga; asking again moves it. */
export async function schedule(tx: TenantTx, sagaId: string, when: { afterMs?: number; runAt?: Date } = {}): Promise<void> {
  await enqueue(tx, 'run-saga', { saga_id: sagaId }, { jobKey: `saga:${sagaId}`, ...when });
}

/** Locks the saga for the rest of the transaction, or throws when the lease is no longer ours. */
export async function fence(tx: TenantTx, { saga, token }: Lease): Promise<void> {
  const rows = await tx.query(
    `select 1 from sagas where organization_id = $1 and id = $2 and lease_token = $3 and leased_until is not null
        and state in ('running', 'undoing') for update`,
    [saga.organizationId, saga.id, token],
  );
  if (rows.length === 0) throw new LeaseLost('the lease of the saga has passed to another worker');
}

export async function extendLease(tx: TenantTx, { saga }: Lease, leaseMs: number): Promise<void> {
  await tx.query(
    `update sagas set leased_until = clock_timestamp() + $3 * interval '1 millisecond' where organization_id = $1 and id = $2`,
    [saga.organizationId, saga.id, leaseMs],
  );
  await watch(tx, saga.id, leaseMs);
}

/** Gives the lease back and comes again after that. */
export async function releaseLease(tx: TenantTx, { saga }: Lease, afterMs: number): Promise<void> {
  await tx.query('update sagas set leased_until = null where organization_id = $1 and id = $2', [saga.organizationId, saga.id]);
  await schedule(tx, saga.id, { afterMs });
}

interface StepChange {
  state: StepState;
  reason?: string | null;
  nextAttemptMs?: number | null;
  event: SagaEvent;
}

/** Writes a step's new state, its event and the notice in one statement, and answers the row. */
export async function changeStep(tx: TenantTx, lease: Lease, step: StepRow, { state, reason = null, nextAttemptMs = null, event }: StepChange): Promise<StepRow> {
  const { organizationId, id, projectId } = lease.saga;
  const attempt = step.attempt + (event === 'started' ? 1 : 0);
  const undoAttempt = step.undo_attempt + (event === 'undo-started' ? 1 : 0);
  const [row] = await tx.query<StepRow>(
    `with changed as (
       update saga_steps set state = $4, attempt = $5, undo_attempt = $6, reason = $7, next_attempt_at = clock_timestamp() + $8::float8 * interval '1 millisecond',
          started_at = coalesce(started_at, clock_timestamp()),
          finished_at = case when $4 in ('done', 'skipped', 'failed', 'undone') then clock_timestamp() end
        where organization_id = $1 and saga_id = $2 and key = $3 returning *
     ), told as (
       insert into saga_events (organization_id, saga_id, project_id, step_key, kind, attempt, detail)
       select $1, $2, $9, $3, $10, $11, $7 from changed
     )
     select ${stepColumns}, pg_notify($12, $13) from changed`,
    [
      organizationId, id, step.key, state, attempt, undoAttempt, reason, nextAttemptMs,
      projectId, event, event.startsWith('undo') ? undoAttempt : attempt, noticeChannel, sagaNotice(lease.saga),
    ],
  );
  if (row === undefined) throw new Error(`the saga has no step ${step.key}`);
  return row;
}

/** The row of a step as it is, with the time it has taken by now. */
export async function readStep(tx: TenantTx, { saga }: Lease, { key }: StepRow): Promise<StepRow> {
  const [row] = await tx.query<StepRow>(`select ${stepColumns} from saga_steps where organization_id = $1 and saga_id = $2 and key = $3`, [saga.organizationId, saga.id, key]);
  if (row === undefined) throw new Error(`the saga has no step ${key}`);
  return row;
}

function sagaNotice({ organizationId, projectId }: Saga): string {
  const notice: Notice = { kind: 'saga', organization_id: organizationId, project_id: projectId };
  return JSON.stringify(notice);
}

/** Puts a step back to where it has never run; its attempts go on counting. */
export async function resetStep(tx: TenantTx, { saga }: Lease, step: StepRow): Promise<StepRow> {
  const [row] = await tx.query<StepRow>(
    `update saga_steps set state = 'waiting', started_at = null, finished_at = null, next_attempt_at = null, reason = null
      where organization_id = $1 and saga_id = $2 and key = $3
      returning ${stepColumns}`,
    [saga.organizationId, saga.id, step.key],
  );
  if (row === undefined) throw new Error(`the saga has no step ${step.key}`);
  return row;
}

export async function setState(tx: TenantTx, { saga }: Lease, state: SagaState, message: string | null): Promise<void> {
  const ended = state === 'done' || state === 'undone' || state === 'stuck';
  const changed = tx.query(
    `update sagas set state = $3, error = coalesce($4::jsonb, error),
        finished_at = case when $5 then clock_timestamp() end,
        leased_until = case when $5 then null else leased_until end
      where organization_id = $1 and id = $2`,
    [saga.organizationId, saga.id, state, message === null ? null : JSON.stringify({ code: state, message }), ended],
  );
  const { organizationId, id, projectId } = saga;
  const about = { organization_id: organizationId, project_id: projectId };
  const told = () => [
    tx.query('insert into saga_events (organization_id, saga_id, project_id, kind, attempt, detail) values ($1, $2, $3, $4, 0, $5)', [organizationId, id, projectId, `saga-${state}`, message]),
    notify(tx, { kind: 'saga', ...about }),
    notify(tx, { kind: 'project', ...about }),
  ];
  await Promise.all([changed, ...(ended ? told() : [])]);
}
