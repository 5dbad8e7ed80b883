import { median } from './statistics';

export interface Slope {
  /** How much the value grows by in one unit of time. */
  perUnit: number;
  /** Half of the 95 % interval around it. */
  uncertain: number;
  mean: number;
}

/** Two-sided 95 % of Student's t, by degrees of freedom. */
const student = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

const blocks = 12;

/**
 * The slope of a straight line through values over time. What a process holds goes up and down in waves, so that one
 * sample says little beside the one before: the line is laid through the means of twelve stretches, which are nearly
 * independent, and its interval is that of twelve points.
 */
export function slopeOf(points: readonly { at: number; value: number }[]): Slope {
  if (points.length < blocks) throw new Error(`a slope needs ${blocks} samples at least, and there are ${points.length}`);
  const means = Array.from({ length: blocks }, (_, index) => {
    const stretch = points.slice(Math.floor((index * points.length) / blocks), Math.floor(((index + 1) * points.length) / blocks));
    return { at: mean(stretch.map(({ at }) => at)), value: mean(stretch.map(({ value }) => value)) };
  });
  const [middle, level] = [mean(means.map(({ at }) => at)), mean(means.map(({ value }) => value))];
  const spreadOfTime = sum(means.map(({ at }) => (at - middle) ** 2));
  const perUnit = sum(means.map(({ at, value }) => (at - middle) * (value - level))) / spreadOfTime;
  const rest = sum(means.map(({ at, value }) => (value - level - perUnit * (at - middle)) ** 2));
  const uncertain = (student[blocks - 3] ?? Number.NaN) * Math.sqrt(rest / (blocks - 2) / spreadOfTime);
  return { perUnit, uncertain, mean: level };
}

/** How many times the middle of the last third lies above that of the third before. */
export function lastThirds(values: readonly number[]): { before: number; last: number } {
  const third = Math.floor(values.length / 3);
  return { before: median(values.slice(values.length - 2 * third, values.length - third)), last: median(values.slice(values.length - third)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
