import { createGateFor, type Gate, type GateOptions } from '../../gate';
import { RailwayError, railwayFailureOf } from '../port';

/** The gate before Railway for one token: Railway's limits count by token. */
export interface RailwayGate extends Gate {
  /** Until then every call fails at once with the time that is left. */
  pauseFor(ms: number): void;
}

export function createRailwayGate(options: GateOptions): RailwayGate {
  const { clock } = options;
  const gate = createGateFor({ isOutage, isRefusal, keptBack }, options);
  let pausedUntilMs = Number.NEGATIVE_INFINITY;

  return {
    open: () => gate.open(),
    pauseFor(ms) {
      // An answer that was under way for long must not shorten the pause that a later one asks for.
      pausedUntilMs = Math.max(pausedUntilMs, clock.monotonicMs() + ms);
    },
    async run(call, work) {
      const leftMs = pausedUntilMs - clock.monotonicMs();
      if (leftMs > 0) throw new RailwayError({ kind: 'rate_limited', retryAfterMs: Math.ceil(leftMs) });
      return gate.run(call, work);
    },
  };
}

function isOutage(error: unknown): boolean {
  const failure = railwayFailureOf(error);
  return failure?.kind === 'timeout' || failure?.kind === 'unavailable';
}

function isRefusal(error: unknown): boolean {
  const kind = railwayFailureOf(error)?.kind;
  return kind === 'not_found' || kind === 'refused';
}

function keptBack(retryAfterMs: number): RailwayError {
  return new RailwayError({ kind: 'unavailable', sent: false, retryAfterMs });
}
