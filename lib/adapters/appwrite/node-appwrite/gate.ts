import type { Clock } from '@/lib/kernel/clock';
import { AppwriteError, appwriteFailureOf, type AppwriteFailure } from '../port';

/**
 * Stands before one instance. A breaker keeps calls back while the server does not answer and lets a single
 * probe through from time to time; a budget keeps repeated calls to a tenth of the first ones.
 */
export interface Gate {
  run<Result>(call: { retrying: boolean }, work: () => Promise<Result>): Promise<Result>;
  open(): boolean;
}

interface GateOptions {
  clock: Clock;
  /** Failures in a row that open the breaker. */
  threshold?: number;
  /** The first pause; it doubles up to `longestPauseMs` with every probe that fails. */
  pauseMs?: number;
  longestPauseMs?: number;
}

const retryShare = 0.1;
const retryReserve = 20;
const retriesPerSecond = 0.2;

export function createGate({ clock, threshold = 5, pauseMs = 2_000, longestPauseMs = 30_000 }: GateOptions): Gate {
  let failuresInARow = 0;
  let openUntilMs = 0;
  let nextPauseMs = pauseMs;
  let probing = false;
  let tokens = retryReserve;
  let refilledAtMs = clock.monotonicMs();

  function isOpen(): boolean {
    return failuresInARow >= threshold;
  }

  /** The probe of an open breaker is free: without it nothing would find out that the server is back. */
  function admit(retrying: boolean): { probe: boolean } {
    if (!isOpen()) {
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
    if (!retrying) return;
    if (tokens < 1) throw keptBack(((1 - tokens) / retriesPerSecond) * 1_000);
    tokens -= 1;
  }

  function close(): void {
    failuresInARow = 0;
    nextPauseMs = pauseMs;
  }

  function noteFailure(): void {
    failuresInARow += 1;
    if (!isOpen()) return;
    openUntilMs = clock.monotonicMs() + nextPauseMs;
    nextPauseMs = Math.min(nextPauseMs * 2, longestPauseMs);
  }

  return {
    open: isOpen,
    async run({ retrying }, work) {
      const { probe } = admit(retrying);
      try {
        const result = await work();
        close();
        return result;
      } catch (error) {
        // A refusal is an answer: the server is well.
        if (isOutage(appwriteFailureOf(error))) noteFailure();
        else close();
        throw error;
      } finally {
        if (probe) probing = false;
      }
    },
  };
}

function isOutage(failure: AppwriteFailure | undefined): boolean {
  return failure?.kind === 'timeout' || (failure?.kind === 'unavailable' && failure.sent);
}

function keptBack(retryAfterMs: number): AppwriteError {
  return new AppwriteError({ kind: 'unavailable', sent: false, retryAfterMs });
}
