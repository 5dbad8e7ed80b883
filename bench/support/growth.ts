import { count, ms, times, type Finding } from './finding';
import type { Measured } from './load';
import { median } from './statistics';

/** What is measured at one size: the product, and the same work without it. */
export interface Sized {
  at: number;
  ours(): Promise<Measured>;
  limit(): Promise<Measured>;
}

export interface Growing {
  /** For the table, with what grows: `list of projects`. */
  what: string;
  /** What there are ever more of. */
  of: string;
  /** Who does the same work without the product. */
  limitBy: string;
  /** How many times the quickest size the slowest one may take. */
  most: number;
  /** Where the time is known to grow, the p95 that the largest size may have, in milliseconds, is judged instead. */
  mostMs?: number | undefined;
  /** The size from which on the same work is done, for pages that few rows do not fill. */
  judgedFrom?: number;
  sizes: readonly Sized[];
  rounds: number;
}

/** The limit is shown and not judged: a few rounds tell it. */
const roundsToALimit = 4;

/**
 * Measures all sizes in turn, round after round, the limit beside in some of them: what the machine does meanwhile
 * strikes all of them alike, the more so the shorter a round is. Judged is the p95, by how far the sizes lie apart within
 * the rounds.
 */
export async function grow({ what, of, limitBy, most, mostMs, judgedFrom = 0, sizes, rounds }: Growing): Promise<Finding> {
  const measured = sizes.map(({ at }) => ({ at, ours: new Array<number>(), limit: new Array<number>(), middle: new Array<number>() }));
  for (let round = 0; round < rounds; round += 1) {
    const order = sizes.map((size, index) => ({ size, into: measured[index] }));
    // Every other round backwards, so that nobody always follows the same neighbour.
    for (const { size, into } of round % 2 === 0 ? order : order.reverse()) {
      const ours = await size.ours();
      into?.ours.push(ours.p95);
      into?.middle.push(ours.p50);
      if (round % roundsToALimit === 0) into?.limit.push((await size.limit()).p95);
    }
  }
  const judged = measured.filter(({ at }) => at >= judgedFrom);
  const reached = spread(judged.map(({ ours }) => ours));
  const largest = median(measured.at(-1)?.ours ?? []);
  const bound = `≤ ${times(most)}${judgedFrom === 0 ? '' : ` from ${count(judgedFrom)} on`}`;
  return {
    what: `${what}, ${measured.map(({ at }) => count(at)).join(' → ')} ${of}: p95`,
    limit: `${limitBy}: ${measured.map(({ limit }) => ms(median(limit))).join(', ')} (${times(spread(judged.map(({ limit }) => limit)))})`,
    ours: `${measured.map(({ ours }) => ms(median(ours))).join(', ')} (p50 ${times(spread(judged.map(({ middle }) => middle)))})`,
    reached: mostMs === undefined ? times(reached) : `${ms(largest)} (${times(reached)})`,
    target: mostMs === undefined ? bound : `≤ ${ms(mostMs)} at ${count(measured.at(-1)?.at ?? 0)}`,
    pass: mostMs === undefined ? reached <= most : largest <= mostMs,
    curve: { title: `${what}: p95 by ${of}`, of, unit: 'ms', points: measured.map(({ at, ours, limit }) => ({ at, ours: median(ours), limit: median(limit) })) },
  };
}

/**
 * How many times the smallest the largest is. Each round is first divided by its own middle, so that a round in which
 * the machine was slow weighs no more than another.
 * @param sizes for each size what each round measured
 */
export function spread(sizes: readonly (readonly number[])[]): number {
  const rounds = Math.min(...sizes.map(({ length }) => length));
  const middles = Array.from({ length: rounds }, (_, round) => median(sizes.map((each) => each[round] ?? Number.NaN)));
  const relative = sizes.map((each) => median(middles.map((middle, round) => (each[round] ?? Number.NaN) / middle)));
  return Math.max(...relative) / Math.min(...relative);
}
