import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { backoffMs } from './backoff';
import type { AnySaga, SagaDefinition, Step, StepOutcome, StepRun } from './definition';
import { noFaults, SimulatedCrash, type FaultHook } from './fault';
import {
  changeStep, extendLease, fence, LeaseLost, readStep, releaseLease, resetStep, setState, takeLease,
  type Lease, type StepRow,
} from './store';
import { verdictOn, type Verdict } from './verdict';

export interface SagaOptions {
  sagas: AnySaga;
  faults?: FaultHook;
  leaseMs?: number;
  /** Attempts of one step that end in a failure of the other side before the saga gives up. */
  maxAttempts?: number;
  maxUndoAttempts?: number;
  backoff?: (attempt: number) => number;
}

/** Shorter pauses are slept through with the lease held; for longer ones the job comes again. */
const patienceMs = 2_000;

/**
 * Carries a saga on from wherever its last run ended, until it is done, taken back, stuck, or has to wait.
 * Safe to call at any time and from many workers: one holds the lease, the others leave.
 */
export async function runSaga(ctx: Ctx, organizationId: string, sagaId: string, options: SagaOptions): Promise<void> {
  const leaseMs = options.leaseMs ?? 6_000;
  const taken = await within(ctx, { organizationId }, 'project:update', async (tx) => {
    const answer = await takeLease(tx, organizationId, sagaId, leaseMs);
    if (!('lease' in answer)) return null;
    const definition = options.sagas[answer.lease.saga.kind];
    if (definition === undefined) throw new Error(`this worker does not know the saga ${answer.lease.saga.kind}`);
    const runner = new SagaRunner(ctx, answer.lease, definition, { ...options, leaseMs });
    return { runner, forward: answer.lease.state === 'running', first: await runner.begin(tx) };
  });
  if (taken === null) return;
  const { runner, forward, first } = taken;
  const heartbeat = setInterval(() => void runner.heartbeat(), leaseMs / 3);
  try {
    if (forward) await runner.forward(first);
    else await runner.compensate();
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    ctx.log.warn({ saga: sagaId, organization: organizationId }, 'another worker carries the saga on');
  } finally {
    clearInterval(heartbeat);
  }
}

type Pause = { reason: string; waitMs: number; counted: boolean } & ({ state: 'retrying'; event: 'retrying' } | { state: 'undoing'; event: 'undo-retrying' });

class SagaRunner<Target> {
  readonly #ctx: Ctx;
  readonly #lease: Lease;
  readonly #definition: SagaDefinition<Target>;
  readonly #options: Required<Omit<SagaOptions, 'sagas'>>;
  readonly #leasedAtMs: number;

  constructor(ctx: Ctx, lease: Lease, definition: SagaDefinition<Target>, options: SagaOptions & { leaseMs: number }) {
    this.#ctx = ctx;
    this.#lease = lease;
    this.#leasedAtMs = ctx.clock.monotonicMs();
    this.#definition = definition;
    this.#options = { faults: noFaults, maxAttempts: 60, maxUndoAttempts: 5, backoff: (attempt) => backoffMs(attempt), ...options };
  }

  async heartbeat(): Promise<void> {
    try {
      await within(this.#ctx, { organizationId: this.#lease.saga.organizationId }, 'lease:hold', async (tx) => {
        await fence(tx, this.#lease);
        await extendLease(tx, this.#lease, this.#options.leaseMs);
      });
    } catch (error) {
      // The next write of the run meets the same trouble and handles it.
      this.#ctx.log.warn({ err: error, saga: this.#lease.saga.id }, 'the lease could not be extended');
    }
  }

  /** Starts the first step in the transaction that takes the lease. */
  async begin(tx: TenantTx): Promise<StepRun<Target> | undefined> {
    return this.#lease.state === 'running' ? this.#start(tx, this.#nextStep()) : undefined;
  }

  async forward(first: StepRun<Target> | undefined): Promise<void> {
    let step = this.#nextStep();
    let started = first;
    while (step !== undefined && started !== undefined) {
      const { outcome, run } = await this.#attempt(step, started);
      const next = await this.#settle(step, run, outcome);
      if (next === 'stop') return;
      if (next.waitMs > 0) await sleep(next.waitMs);
      step = next.step;
      started = next.started ?? (step === undefined ? undefined : await this.#write((tx) => this.#start(tx, step)));
    }
  }

  /** Takes back, last one first, every step that was started. */
  async compensate(): Promise<void> {
    const reason = this.#lease.error?.message ?? 'It could not be completed.';
    for (const step of [...this.#definition.steps].reverse()) {
      const row = this.#row(step.key);
      if (row.state === 'waiting' || row.state === 'skipped' || row.state === 'undone') continue;
      if ((await this.#undo(step, reason)) === 'stop') return;
    }
    await this.#end('undone', reason);
  }

  /** The first step that is not done; `closing` is one that is being closed right now. */
  #nextStep(closing?: string): Step<Target> | undefined {
    return this.#definition.steps.find(({ key }) => {
      const { state } = this.#row(key);
      return state !== 'done' && state !== 'skipped' && key !== closing;
    });
  }

  async #start(tx: TenantTx, step: Step<Target> | undefined): Promise<StepRun<Target> | undefined> {
    if (step === undefined) return undefined;
    const before = this.#row(step.key);
    // A step that was put back begins something new: its calls are first ones, however often it was tried before that.
    const retrying = before.running_ms !== null && before.attempt > 0;
    return this.#run(tx, changeStep(tx, this.#lease, before, { state: 'running', reason: before.reason, event: 'started' }), retrying);
  }

  /** The step is written and its target read side by side: the connection keeps the order, and one wait is saved. */
  async #run(tx: TenantTx, change: Promise<StepRow>, retrying: boolean): Promise<StepRun<Target>> {
    const [row, target] = await Promise.all([change, this.#definition.load(tx, this.#lease.saga, this.#ctx)]);
    this.#keep(row);
    return {
      ctx: this.#ctx,
      saga: this.#lease.saga,
      target,
      attempt: row.attempt,
      retrying,
      runningMs: row.running_ms ?? 0,
      write: (work) => this.#write(work),
    };
  }

  async #attempt(step: Step<Target>, run: StepRun<Target>): Promise<{ outcome: StepOutcome | Verdict; run: StepRun<Target> }> {
    await this.#options.faults(step.key, 'before');
    try {
      const [outcome] = await Promise.all([step.run(run), this.#options.faults(step.key, 'sent')]);
      await this.#options.faults(step.key, 'answered');
      return { outcome, run };
    } catch (error) {
      return { outcome: this.#judge(error, step.key), run };
    }
  }

  /** What the attempt came to, written down together with the start of what follows. */
  async #settle(
    step: Step<Target>,
    run: StepRun<Target>,
    outcome: StepOutcome | Verdict,
  ): Promise<'stop' | { waitMs: number; step: Step<Target> | undefined; started: StepRun<Target> | undefined }> {
    if ('kind' in outcome && (outcome.kind === 'done' || outcome.kind === 'skipped')) {
      return this.#advance(step, outcome.kind, outcome.kind === 'done' ? outcome.record : undefined);
    }
    if ('kind' in outcome && outcome.kind === 'redo') {
      await this.#redo(step, outcome);
      return { waitMs: 0, step: this.#nextStep(), started: undefined };
    }
    const late = this.#ctx.clock.monotonicMs() - this.#leasedAtMs > this.#lease.leftMs;
    if ('kind' in outcome && outcome.kind === 'pending' && !late) return this.#lookAgain(step, outcome);
    const again = 'kind' in outcome ? outcome.kind === 'wait' : outcome.again;
    const counted = 'counted' in outcome ? (outcome.counted ?? true) : true;
    if (!again || late || (counted && run.attempt >= this.#options.maxAttempts)) {
      await this.#giveUp(step, late ? `It took too long and was given up. ${outcome.reason}` : outcome.reason);
      return 'stop';
    }
    const asked = 'afterMs' in outcome ? (outcome.afterMs ?? 0) : 0;
    const waitMs = Math.max(asked, this.#options.backoff(run.attempt));
    await this.#pause(this.#row(step.key), { state: 'retrying', event: 'retrying', reason: outcome.reason, waitMs, counted });
    return waitMs > patienceMs ? 'stop' : { waitMs, step, started: undefined };
  }

  /** What was seen, and the next look, in one transaction: a build is looked at many times. */
  async #lookAgain(step: Step<Target>, { reason, afterMs, record }: Extract<StepOutcome, { kind: 'pending' }>) {
    const here = this.#row(step.key);
    const change = { state: 'running', reason, event: 'pending' } as const;
    if (afterMs > patienceMs) {
      await this.#write(async (tx) => {
        await record?.(tx);
        // The next run counts its start, which is not another attempt.
        this.#keep(await changeStep(tx, this.#lease, { ...here, attempt: here.attempt - 1 }, { ...change, nextAttemptMs: afterMs }));
        await releaseLease(tx, this.#lease, afterMs);
      });
      return 'stop' as const;
    }
    const started = await this.#write(async (tx) => {
      await record?.(tx);
      return this.#run(tx, here.reason === reason ? readStep(tx, this.#lease, here) : changeStep(tx, this.#lease, here, change), here.attempt > 1);
    });
    return { waitMs: afterMs, step, started };
  }

  async #advance(step: Step<Target>, state: 'done' | 'skipped', record: ((tx: TenantTx) => Promise<void>) | undefined) {
    const ahead = await this.#write(async (tx) => {
      await record?.(tx);
      const change = changeStep(tx, this.#lease, this.#row(step.key), { state, event: state === 'done' ? 'succeeded' : 'skipped' });
      const next = this.#nextStep(step.key);
      const [row, started] = await Promise.all([change, next === undefined ? this.#finish(tx, 'done', null) : this.#start(tx, next)]);
      this.#keep(row);
      return { waitMs: 0, step: next, started };
    });
    await this.#options.faults(step.key, 'committed');
    return ahead;
  }

  async #redo(step: Step<Target>, { from, reason, record }: Extract<StepOutcome, { kind: 'redo' }>): Promise<void> {
    const keys = this.#definition.steps.map(({ key }) => key);
    const again = keys.slice(keys.indexOf(from), keys.indexOf(step.key) + 1);
    await this.#write(async (tx) => {
      await record(tx);
      await changeStep(tx, this.#lease, this.#row(step.key), { state: 'retrying', reason, event: 'redone' });
      for (const key of again) this.#keep(await resetStep(tx, this.#lease, this.#row(key)));
    });
    await this.#options.faults(step.key, 'committed');
  }

  async #giveUp(step: Step<Target>, reason: string): Promise<void> {
    const stuck = this.#definition.onGiveUp === 'stuck';
    await this.#write(async (tx) => {
      this.#keep(await changeStep(tx, this.#lease, this.#row(step.key), { state: 'failed', reason, event: 'failed' }));
      if (stuck) await this.#finish(tx, 'stuck', reason);
      else await setState(tx, this.#lease, 'undoing', reason);
    });
    this.#lease.error = { code: 'undoing', message: reason };
    if (stuck) this.#tellStuck(reason);
    else await this.compensate();
  }

  async #undo(step: Step<Target>, reason: string): Promise<'next' | 'stop'> {
    for (;;) {
      const before = this.#row(step.key);
      const run = await this.#write((tx) => this.#run(tx, changeStep(tx, this.#lease, before, { state: 'undoing', reason: before.reason, event: 'undo-started' }), before.undo_attempt > 0));
      const failed = await this.#tryUndo(step, run);
      if (failed === null) return 'next';
      const attempt = this.#row(step.key).undo_attempt;
      const counted = failed.again ? failed.counted : true;
      if (counted && attempt >= this.#options.maxUndoAttempts) {
        await this.#write((tx) => changeStep(tx, this.#lease, this.#row(step.key), { state: 'failed', reason: failed.reason, event: 'undo-failed' }));
        await this.#end('stuck', reason);
        return 'stop';
      }
      const waitMs = Math.max(failed.again ? (failed.afterMs ?? 0) : 0, this.#options.backoff(attempt));
      await this.#pause(this.#row(step.key), { state: 'undoing', event: 'undo-retrying', reason: failed.reason, waitMs, counted });
      if (waitMs > patienceMs) return 'stop';
      await sleep(waitMs);
    }
  }

  /** Null when the step is taken back. */
  async #tryUndo(step: Step<Target>, run: StepRun<Target>): Promise<Verdict | null> {
    const key = `undo-${step.key}`;
    await this.#options.faults(key, 'before');
    try {
      await Promise.all([step.undo?.(run), this.#options.faults(key, 'sent')]);
      await this.#options.faults(key, 'answered');
    } catch (error) {
      return this.#judge(error, key);
    }
    await this.#write(async (tx) => {
      this.#keep(await changeStep(tx, this.#lease, this.#row(step.key), { state: 'undone', reason: this.#row(step.key).reason, event: 'undone' }));
    });
    await this.#options.faults(key, 'committed');
    return null;
  }

  /** An attempt that was kept back, or that only waits for room, is taken off the count again. */
  async #pause(step: StepRow, { state, event, reason, waitMs, counted }: Pause): Promise<void> {
    const off = counted ? 0 : 1;
    const row = event === 'retrying' ? { ...step, attempt: step.attempt - off } : { ...step, undo_attempt: step.undo_attempt - off };
    await this.#write(async (tx) => {
      this.#keep(await changeStep(tx, this.#lease, row, { state, reason, nextAttemptMs: waitMs, event }));
      if (waitMs > patienceMs) await releaseLease(tx, this.#lease, waitMs);
    });
  }

  async #end(state: 'undone' | 'stuck', reason: string): Promise<void> {
    await this.#write((tx) => this.#finish(tx, state, reason));
    if (state === 'stuck') this.#tellStuck(reason);
  }

  /** People of the organization see it at the project; this is for the operator. */
  #tellStuck(reason: string): void {
    const { id, organizationId, projectId, kind } = this.#lease.saga;
    this.#ctx.log.error({ saga: id, kind, organization: organizationId, project: projectId, reason }, 'a saga is stuck');
  }

  async #finish(tx: TenantTx, state: 'done' | 'undone' | 'stuck', reason: string | null): Promise<undefined> {
    await setState(tx, this.#lease, state, reason);
    await this.#definition[state]?.(this.#ctx, tx, this.#lease.saga, reason ?? '');
    return undefined;
  }

  #judge(error: unknown, step: string): Verdict {
    if (error instanceof LeaseLost || error instanceof SimulatedCrash) throw error;
    const verdict = verdictOn(error);
    this.#ctx.log.warn({ err: error, saga: this.#lease.saga.id, step, again: verdict.again }, 'a step failed');
    return verdict;
  }

  /** The fence travels with the first statement of the work: where it does not hold, nothing of the transaction stays. */
  #write<Result>(work: (tx: TenantTx) => Promise<Result>): Promise<Result> {
    return within(this.#ctx, { organizationId: this.#lease.saga.organizationId }, 'project:update', async (tx) => {
      const [, result] = await Promise.all([fence(tx, this.#lease), work(tx)]);
      return result;
    });
  }

  #row(key: string): StepRow {
    const row = this.#lease.steps.get(key);
    if (row === undefined) throw new Error(`the saga has no step ${key}`);
    return row;
  }

  #keep(row: StepRow): void {
    this.#lease.steps.set(row.key, row);
  }
}
