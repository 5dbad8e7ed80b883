const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

const counted = new Intl.RelativeTimeFormat('en');
/** `yesterday` is plain; `last month` could be any day of it. */
const worded = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `3 minutes ago`, `in 30 days`; under a minute `just now` or `in a moment`. What is past is whole units, what comes is rounded. */
export function relativeTime(iso: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(iso) - nowMs) / 1000);
  for (const [unit, size] of units) {
    if (Math.abs(seconds) < size) continue;
    const count = seconds < 0 ? Math.ceil(seconds / size) : Math.round(seconds / size);
    return (unit === 'day' ? worded : counted).format(count, unit);
  }
  return seconds > 10 ? 'in a moment' : 'just now';
}

/** `2026-11-21 14:03:09 UTC`. */
export function exactUtc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `42 s`, `8 min 21 s`: a wait that counts down. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `840 ms`, `3.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}
