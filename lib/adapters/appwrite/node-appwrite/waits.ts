import type { Clock } from '@/lib/kernel/clock';

/** What is over is taken out when so many are kept. */
const manyKept = 1_000;

/**
 * What an instance asked to be left alone with, and for how long. Whoever was told so is not the only one who asks:
 * a saga and the job that clears up after it come to the same route on their own.
 */
export interface Waits {
  /** Milliseconds; 0 for what may be asked. */
  leftMs(route: string): number;
  note(route: string, ms: number): void;
}

export function createWaits(clock: Clock): Waits {
  const untilMs = new Map<string, number>();
  return {
    leftMs: (route) => Math.max(0, (untilMs.get(route) ?? 0) - clock.monotonicMs()),
    note(route, ms) {
      const nowMs = clock.monotonicMs();
      if (untilMs.size >= manyKept) for (const [known, until] of untilMs) if (until <= nowMs) untilMs.delete(known);
      // Of calls that were under way together, the one that was told the least may be the last to say so.
      untilMs.set(route, Math.max(untilMs.get(route) ?? 0, nowMs + ms));
    },
  };
}
