/**
 * Short-lived copies of what Postgres knows. Every entry lives at most `maxAgeMs`, so a copy that could not be
 * cleared (Redis cut off) is gone by then; a cleared one is gone at once. Nothing here ever fails a request:
 * a cache that does not answer reads as empty.
 */
export interface Cache {
  /** Values in the order of the keys; null where there is none or the cache does not answer. */
  getMany(keys: readonly string[]): Promise<(string | null)[]>;
  /** Keeps nothing under a key that was cleared less than `maxAgeMs` ago: the value may be from before. */
  set(key: string, value: string, maxAgeMs: number): Promise<void>;
  /** Answers false when the entries could not be cleared for sure; the caller's process then bypasses the cache for a while. */
  clear(keys: readonly string[]): Promise<boolean>;
  /** Replaces a version token, which makes every entry that carries the old one unreachable. */
  bump(keys: readonly string[]): Promise<boolean>;
  /** False while answers may be stale: something could not be cleared a moment ago. */
  sure(): boolean;
  close(): Promise<void>;
}

/** The longest life of any entry, and so the bound on staleness when Redis is cut off. */
export const maxAgeMs = 5_000;

/** How long a copy may live of what ends by itself, which nobody announces; 0 for what is not worth keeping. */
export function ageBeforeEnd(leftMs: number): number {
  return Math.max(0, Math.floor(Math.min(maxAgeMs, leftMs)));
}
