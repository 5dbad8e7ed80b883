/** What takes long is looked at seldom: each look is a request, and some of those we ask count them. */
export function lookAgainMs(runningMs: number): number {
  if (runningMs < 5_000) return 500;
  // Longer than a worker waits with its hands full: others come in between.
  if (runningMs < 30_000) return 2_500;
  return runningMs < 180_000 ? 5_000 : 15_000;
}

/** Full jitter: anything between nothing and the doubled step, so that failed runs do not come back together. */
export function backoffMs(attempt: number, { baseMs = 500, capMs = 30_000, random = Math.random }: { baseMs?: number; capMs?: number; random?: () => number } = {}): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 16));
  return Math.max(100, Math.round(random() * ceiling));
}
