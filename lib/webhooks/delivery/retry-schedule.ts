const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Waits before the second attempt, the third and so on, as Standard Webhooks proposes: ten attempts within about three days. */
const waitsMs = [5 * secondMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs, 24 * hourMs];

/** How far a wait is moved to either side, so that endpoints that failed together are not called together again. */
const jitter = 0.1;

/** How long to wait after so many failed attempts; null when there is none left. */
export function waitAfterMs(attempts: number, random: () => number = Math.random): number | null {
  const wait = waitsMs[attempts - 1];
  return wait === undefined ? null : Math.round(wait * (1 - jitter + 2 * jitter * random()));
}
