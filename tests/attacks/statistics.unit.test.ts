import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawing } from '../support/drawing';
import { compare, judgeTimes, median, quantile } from './statistics';

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

/** Answers behind a floor of 200 ms as a busy machine gives them: a little late, and one in twenty much later. In ms. */
function timesOf(random: () => number, count: number, laterBy: number): number[] {
  return Array.from({ length: count }, () => 200 + laterBy - Math.log(1 - random()) * (random() < 0.05 ? 20 : 0.5));
}

test.for([12, 500])('of 2 × %i times the same ones are never judged to differ, and later ones are', async (count) => {
  const random = drawing(7);
  const differing = async (runs: number, laterBy: number) => {
    let differ = 0;
    for (let run = 0; run < runs; run += 1) if ((await judgeTimes(() => Promise.resolve([timesOf(random, count, 0), timesOf(random, count, laterBy)]))).differ) differ += 1;
    return differ;
  };
  expect(await differing(1_000, 0)).toBe(0);
  // Few samples show the work of one hash, many show some queries more.
  expect(await differing(100, count === 12 ? 3 : 0.25)).toBeGreaterThanOrEqual(95);
});

test('medians far apart are looked at again, and differ when they stay so', async () => {
  const [quick, slow] = [timesOf(drawing(7), 12, 0), timesOf(drawing(8), 12, 0).map((ms, n) => (n < 7 ? ms + 8 : ms - 8))];
  expect(compare(quick, slow).p).toBeGreaterThan(0.05);
  expect(await judgeTimes(() => Promise.resolve([quick, slow]), 4)).toMatchObject({ differ: true, rounds: [{}, {}, {}] });
  const samples = [[quick, slow], [quick, quick]] as const;
  let round = 0;
  expect(await judgeTimes(() => Promise.resolve(samples[(round += 1) - 1] ?? samples[1]), 4)).toMatchObject({ differ: false, rounds: [{}, {}] });
});

test('times that differ in one direction and then in the other one are judged to be the same', async () => {
  const [quick, slow] = [timesOf(drawing(7), 40, 0), timesOf(drawing(8), 40, 10)];
  const samples = [[quick, slow], [slow, quick]] as const;
  let round = 0;
  const { rounds, differ } = await judgeTimes(() => Promise.resolve(samples[(round += 1) % 2] ?? samples[0]));
  expect({ differ, rounds: rounds.length }).toEqual({ differ: false, rounds: 2 });
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
