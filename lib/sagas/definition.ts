import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';

/** One run of a saga, as its steps see it. Ids are row uuids. */
export interface Saga {
  id: string;
  organizationId: string;
  projectId: string;
  /** Null for what is done to the project itself. */
  serviceId: string | null;
  kind: SagaKind;
  input: Record<string, unknown>;
}

export const sagaKinds = ['provision', 'silence', 'restore', 'rename', 'purge', 'deploy', 'rollback', 'remove-service'] as const;
export type SagaKind = (typeof sagaKinds)[number];

export interface StepRun<Target> {
  /** A context of the system actor that runs sagas. */
  ctx: Ctx;
  saga: Saga;
  /** What the saga works on, read in the transaction that started the step, or that wrote down the last look. */
  target: Target;
  /** Counts from 1 and goes on over restarts. */
  attempt: number;
  /** Whether this repeats what was asked before, which the budget of repetitions is for; a look at what is on its way does not. */
  retrying: boolean;
  /** Since the first attempt of this step. */
  runningMs: number;
  /** A transaction that commits only while this run still holds its lease. */
  write<Result>(work: (tx: TenantTx) => Promise<Result>): Promise<Result>;
}

type Recording = (tx: TenantTx) => Promise<void>;

export type StepOutcome =
  | { kind: 'done'; record?: Recording }
  | { kind: 'skipped' }
  /** What was begun elsewhere is on its way: look again, without calling it a failed attempt. `record` says what was seen. */
  | { kind: 'pending'; reason: string; afterMs: number; record?: Recording }
  /** Try the step again later. `counted: false` for what is not the step's failure, such as waiting for room. */
  | { kind: 'wait'; reason: string; afterMs?: number; counted?: boolean }
  /** Begin again at an earlier step, after `record` has changed what it works on. */
  | { kind: 'redo'; from: string; reason: string; record: Recording }
  /** No further attempt can succeed. */
  | { kind: 'give-up'; reason: string };

/**
 * `run` may be called again after any crash and has to find out by itself what is done already. `undo` takes
 * back whatever `run` may have done, also when nobody knows how far it came.
 */
export interface Step<Target> {
  key: string;
  run(run: StepRun<Target>): Promise<StepOutcome>;
  undo?(run: StepRun<Target>): Promise<void>;
}

type Ending = (ctx: Ctx, tx: TenantTx, saga: Saga, reason: string) => Promise<void>;

export interface SagaDefinition<Target> {
  kind: SagaKind;
  steps: readonly Step<Target>[];
  /** What happens when a step cannot succeed: take back the steps before it, or wait for a person. */
  onGiveUp: 'undo' | 'stuck';
  load(tx: TenantTx, saga: Saga, ctx: Ctx): Promise<Target>;
  /** Each runs in the transaction that ends the saga that way. */
  done?: Ending;
  undone?: Ending;
  stuck?: Ending;
}

/** Definitions by their kind. What one works on only its own steps know. */
export type AnySaga = { [Kind in SagaKind]?: SagaDefinition<unknown> };

export function done(record?: Recording): StepOutcome {
  return record === undefined ? { kind: 'done' } : { kind: 'done', record };
}
