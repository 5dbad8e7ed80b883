import type { Clock } from '@/lib/kernel/clock';

export interface GatedCall {
  retrying: boolean;
  /** On whose behalf; calls that name nobody are of one party together. */
  tenant?: string | undefined;
}

/**
 * Stands before one server. A breaker keeps calls back while the server does not answer and lets a single
 * probe through from time to time; a budget keeps repeated calls to a tenth of the first ones. A server that has
 * answered many calls in a row is well and has no need of it: what is repeated then broke off on our side, and would
 * wait for minutes after an outage of our own. What only one tenant meets keeps that tenant back alone.
 */
export interface Gate {
  run<Result>(call: GatedCall, work: () => Promise<Result>): Promise<Result>;
  open(): boolean;
}

export interface GateOptions {
  clock: Clock;
  /** Failures in a row that open the breaker. */
  threshold?: number;
  /** The first pause; it doubles up to `longestPauseMs` with every probe that fails. */
  pauseMs?: number;
  longestPauseMs?: number;
}

/** How one vendor's failures read. */
interface Failures {
  /** True when the error says that the server is not well; a refusal is an answer. */
  isOutage(error: unknown): boolean;
  /** True when it says no to what was asked: whoever repeats what has happened already hears that from one that is well. */
  isRefusal(error: unknown): boolean;
  /** What a call fails with that the gate does not let through. */
  keptBack(retryAfterMs: number): Error;
}

const retryShare = 0.1;
const retryReserve = 20;
const retriesPerSecond = 0.2;
/** Where most calls fail, so many in a row do not come about by chance. */
const wellAfter = 10;

export function createGateFor({ isOutage, isRefusal, keptBack }: Failures, { clock, threshold = 5, pauseMs = 2_000, longestPauseMs = 30_000 }: GateOptions): Gate {
  let failuresInARow = 0;
  let answersInARow = 0;
  /** Who met them. */
  const failing = new Set<string>();
  let openUntilMs = 0;
  let nextPauseMs = pauseMs;
  let probing = false;
  let tokens = retryReserve;
  let refilledAtMs = clock.monotonicMs();

  function isOpen(): boolean {
    return failuresInARow >= threshold;
  }

  /** As long as one tenant met all failures, the next call of another one finds out whether it is the server. */
  function holdsBack(tenant: string): boolean {
    return isOpen() && (failing.size > 1 || failing.has(tenant));
  }

  /** The probe of an open breaker is free: without it nothing would find out that the server is back. */
  function admit(retrying: boolean, tenant: string): { probe: boolean } {
    if (!holdsBack(tenant)) {
      spend(retrying);
      return { probe: false };
    }
    const waitMs = openUntilMs - clock.monotonicMs();
    if (waitMs > 0 || probing) throw keptBack(Math.max(waitMs, 500));
    probing = true;
    return { probe: true };
  }

  function spend(retrying: boolean): void {
    const nowMs = clock.monotonicMs();
    tokens = Math.min(retryReserve, tokens + ((nowMs - refilledAtMs) / 1_000) * retriesPerSecond + (retrying ? 0 : retryShare));
    refilledAtMs = nowMs;
    if (!retrying || answersInARow >= wellAfter) return;
    // Apart from each other, so that those who are kept back together do not come back together.
    if (tokens < 1) throw keptBack((1 + Math.random()) * ((1 - tokens) / retriesPerSecond) * 1_000);
    tokens -= 1;
  }

  function close(): void {
    failuresInARow = 0;
    failing.clear();
    nextPauseMs = pauseMs;
  }

  function noteFailure(tenant: string): void {
    failuresInARow += 1;
    failing.add(tenant);
    if (!isOpen()) return;
    openUntilMs = clock.monotonicMs() + nextPauseMs;
    nextPauseMs = Math.min(nextPauseMs * 2, longestPauseMs);
  }

  return {
    open: isOpen,
    async run({ retrying, tenant = '' }, work) {
      const { probe } = admit(retrying, tenant);
      try {
        const result = await work();
        answersInARow += 1;
        close();
        return result;
      } catch (error) {
        if (!isRefusal(error)) answersInARow = 0;
        if (isOutage(error)) noteFailure(tenant);
        else close();
        throw error;
      } finally {
        if (probe) probing = false;
      }
    },
  };
}
