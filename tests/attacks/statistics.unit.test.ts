import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, median, quantile } from './statistics';

test('the median and quantiles lie between the values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
  expect(median([])).toBeNaN();
});

test('p is what the textbook says', () => {
  // Permeability constants of Hollander and Wolfe: 0.2544 exactly, 0.2446 by the approximation.
  const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const earlier = [1.15, 0.88, 0.9, 0.74, 1.21];
  expect(compare(term, earlier).p).toBeCloseTo(0.2446, 4);
  expect(compare([1, 1, 1, 1], [1, 1, 1, 1])).toEqual({ p: 1, medianDifference: 0 });
});

test('samples of the same thing rarely differ, and a small shift of all shows', () => {
  const sample = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 200, maxLength: 200 });
  let seldom = 0;
  const drawn = fc.sample(fc.tuple(sample, sample), { seed: 7, numRuns: 200 });
  for (const [first, second] of drawn) if (compare(first, second).p < 0.01) seldom += 1;
  expect(seldom).toBeLessThanOrEqual(8);
  for (const [first, second] of drawn.slice(0, 20)) {
    const shifted = compare(first, second.map((value) => value + 60));
    expect(shifted.p).toBeLessThan(0.01);
    expect(shifted.medianDifference).toBeGreaterThan(20);
  }
});

test('it does not matter which sample comes first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 20, maxLength: 40 }), fc.array(fc.nat(50), { minLength: 20, maxLength: 40 }), (first, second) => {
      expect(compare(first, second).p).toBeCloseTo(compare(second, first).p, 10);
      expect(compare(first, second).medianDifference).toBe(-compare(second, first).medianDifference + 0);
    }),
    { seed: 7 },
  );
});
