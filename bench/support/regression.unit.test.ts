import { describe, expect, test } from 'vitest';
import { lastThirds, slopeOf } from './regression';

/** The same for every run: noise that is drawn by a fixed rule. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
}

const minutes = Array.from({ length: 120 }, (_, n) => 10 + n / 6);

describe('a slope', () => {
  test('of a straight line is its own, without doubt', () => {
    const { perUnit, uncertain, mean } = slopeOf(minutes.map((at) => ({ at, value: 200 + 3 * at })));
    expect(perUnit).toBeCloseTo(3, 6);
    expect(uncertain).toBeCloseTo(0, 6);
    expect(mean).toBeCloseTo(200 + 3 * 20, 0);
  });

  test('of waves and noise around a level holds zero, also when the waves are far larger than a leak', () => {
    const drawn = noise(7);
    const { perUnit, uncertain } = slopeOf(minutes.map((at, n) => ({ at, value: 200 + 15 * Math.sin(n / 3) + 10 * drawn() })));
    expect(Math.abs(perUnit)).toBeLessThan(uncertain);
  });

  test('of a leak of a megabyte a minute is seen through that noise', () => {
    const drawn = noise(7);
    const { perUnit, uncertain } = slopeOf(minutes.map((at, n) => ({ at, value: 200 + at + 5 * Math.sin(n / 3) + 10 * drawn() })));
    expect(perUnit - uncertain).toBeGreaterThan(0);
    expect(perUnit).toBeCloseTo(1, 0);
  });

  test('is not told from a handful of samples', () => {
    expect(() => slopeOf([{ at: 0, value: 1 }, { at: 1, value: 2 }])).toThrow('12 samples');
  });
});

test('the last third is held against the one before', () => {
  expect(lastThirds([9, 9, 9, 1, 2, 3, 4, 5, 6])).toEqual({ before: 2, last: 5 });
});
