import { describe, expect, test } from 'vitest';
import { grow, spread } from './growth';
import type { Measured } from './load';

const measured = (p95: number): Measured => ({ requests: 1, perSecond: 1, p50: p95 / 2, p95, p99: p95, bodyBytes: 0 });

describe('the spread of sizes', () => {
  test('is what lies between the quickest and the slowest', () => {
    expect(spread([[10, 10, 10], [10, 10, 10], [15, 15, 15]])).toBeCloseTo(1.5, 6);
  });

  test('is not touched by a round in which the whole machine was slow', () => {
    expect(spread([[10, 40, 10], [10, 40, 10], [12, 48, 12]])).toBeCloseTo(1.2, 6);
  });

  test('is not touched by one measurement that went wrong', () => {
    expect(spread([[10, 10, 90, 10, 10], [10, 10, 10, 10, 10]])).toBeCloseTo(1, 6);
  });
});

describe('a growing list', () => {
  const sizes = (times: readonly number[]) => times.map((time, index) => ({ at: 10 ** (index + 1), ours: async () => measured(time), limit: async () => measured(4) }));
  const growing = { what: 'list', of: 'projects', limitBy: 'pgbench', most: 1.2, rounds: 3 };

  test('passes while it stays flat, with a curve of every size', async () => {
    const finding = await grow({ ...growing, sizes: sizes([10, 11, 10]) });
    expect(finding).toMatchObject({ reached: '1.10 ×', pass: true });
    expect(finding.curve?.points).toEqual([{ at: 10, ours: 10, limit: 4 }, { at: 100, ours: 11, limit: 4 }, { at: 1_000, ours: 10, limit: 4 }]);
  });

  test('misses when the largest takes longer', async () => {
    expect(await grow({ ...growing, sizes: sizes([10, 10, 13]) })).toMatchObject({ reached: '1.30 ×', pass: false });
  });

  test('is judged from the size on that fills a page, and shown from the first', async () => {
    const finding = await grow({ ...growing, sizes: sizes([2, 10, 11]), judgedFrom: 100 });
    expect(finding).toMatchObject({ reached: '1.10 ×', pass: true });
    expect(finding.curve?.points).toHaveLength(3);
  });

  test('that is known to grow is held to a time at its largest', async () => {
    expect(await grow({ ...growing, sizes: sizes([10, 20, 90]), mostMs: 100 })).toMatchObject({ pass: true, target: '≤ 100 ms at 1,000' });
    expect(await grow({ ...growing, sizes: sizes([10, 20, 110]), mostMs: 100 })).toMatchObject({ pass: false });
  });

  test('asks every size in every round, the other way round every other time', async () => {
    const asked: number[] = [];
    const watched = [1, 2, 3].map((at) => ({ at, ours: async () => { asked.push(at); return measured(1); }, limit: async () => measured(1) }));
    await grow({ ...growing, sizes: watched });
    expect(asked).toEqual([1, 2, 3, 3, 2, 1, 1, 2, 3]);
  });

  test('asks the limit in every fourth round', async () => {
    const asked: number[] = [];
    const watched = [1, 2].map((at) => ({ at, ours: async () => measured(1), limit: async () => { asked.push(at); return measured(at); } }));
    expect(await grow({ ...growing, rounds: 8, sizes: watched })).toMatchObject({ limit: 'pgbench: 1.0 ms, 2.0 ms (2.00 ×)' });
    expect(asked).toEqual([1, 2, 1, 2]);
  });
});
