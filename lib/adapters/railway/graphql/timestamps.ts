/**
 * Orders RFC 3339 times in UTC. As text they do not sort, because Railway drops zeros at the end of a fraction, and
 * a Date holds milliseconds alone.
 */
export function compareTimestamps(left: string, right: string): number {
  const [a, b] = [sortable(left), sortable(right)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sortable(timestamp: string): string {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)$/i.exec(timestamp) ?? [];
  return seconds === undefined ? timestamp : `${seconds}.${fraction.padEnd(9, '0')}`;
}
