/** Wall clock for what is written down, monotonic clock for durations: a corrected wall clock must not stretch a timeout. */
export interface Clock {
  now(): Date;
  /** Milliseconds from an arbitrary start; only differences mean something. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
