import { expect, it } from 'vitest';
import { waitAfterMs } from '@/lib/webhooks/delivery/retry-schedule';

const [second, minute, hour] = [1_000, 60_000, 3_600_000];

it('waits as Standard Webhooks proposes, a tenth shorter or longer by chance', () => {
  const waits = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];
  for (const [index, wait] of waits.entries()) {
    expect(waitAfterMs(index + 1, () => 0.5)).toBe(wait);
    expect(waitAfterMs(index + 1, () => 0)).toBe(wait * 0.9);
    expect(waitAfterMs(index + 1, () => 1)).toBe(Math.round(wait * 1.1));
  }
  expect(waitAfterMs(10)).toBeNull();
  expect(new Set(Array.from({ length: 50 }, () => waitAfterMs(3))).size).toBeGreaterThan(40);
});
