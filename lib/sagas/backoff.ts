/** Full jitter: anything between nothing and the doubled step, so that failed runs do not come back together. */
export function backoffMs(attempt: number, { baseMs = 500, capMs = 30_000, random = Math.random }: { baseMs?: number; capMs?: number; random?: () => number } = {}): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 16));
  return Math.max(100, Math.round(random() * ceiling));
}
