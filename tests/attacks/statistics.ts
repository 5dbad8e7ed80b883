/** What two samples of times say about whether they come from the same thing. */
export interface Comparison {
  /** Two-sided, by the normal approximation with ties corrected: how likely so great a difference comes by chance. */
  p: number;
  /** Median of the second sample minus that of the first, in the unit of the samples. */
  medianDifference: number;
}

/** At most this p, as the row A11 says, makes the first round suspicious, and so small ones more confirm it: chance alone does all that, in one direction, less than once in 100,000 times. */
const [suspicious, confirming] = [0.01, 0.05];
const roundsToAgree = 3;

export interface Judged {
  rounds: readonly Comparison[];
  /** All rounds say so, and in the same direction. */
  differ: boolean;
}

/**
 * Measures once, and again as long as the times seem to differ: what a busy machine did to one sample does not come back
 * in the next ones. Medians further apart than `mostApart`, in the unit of the samples, seem to differ whatever p says.
 */
export async function judgeTimes(measure: () => Promise<readonly [readonly number[], readonly number[]]>, mostApart = Infinity): Promise<Judged> {
  const rounds: Comparison[] = [];
  while (rounds.length < roundsToAgree) {
    rounds.push(compare(...(await measure())));
    if (!agree(rounds, mostApart)) return { rounds, differ: false };
  }
  return { rounds, differ: true };
}

function agree(rounds: readonly Comparison[], mostApart: number): boolean {
  const directions = new Set(rounds.map(({ medianDifference }) => Math.sign(medianDifference)));
  return directions.size === 1 && rounds.every(({ p, medianDifference }, round) => p <= (round === 0 ? suspicious : confirming) || Math.abs(medianDifference) > mostApart);
}

/** Mann–Whitney's U for two independent samples of ten values or more each. */
export function compare(first: readonly number[], second: readonly number[]): Comparison {
  return { p: mannWhitney(first, second), medianDifference: median(second) - median(first) };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between the two nearest values where it falls between them; NaN for no values. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map((value) => ({ value, own: true })), ...second.map((value) => ({ value, own: false }))].toSorted((a, b) => a.value - b.value);
  let ranks = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    // Equal values share the middle of their ranks, which count from one.
    const rank = (from + 1 + to) / 2;
    for (const { own } of all.slice(from, to)) if (own) ranks += rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const [n, m] = [first.length, second.length];
  const u = ranks - (n * (n + 1)) / 2;
  const deviation = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  if (deviation === 0) return 1;
  // Half a step is taken off, for ranks are whole numbers and the normal distribution is not.
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / deviation;
  return complementaryError(z / Math.SQRT2);
}

/** erfc for arguments from zero on, with an error below 1.2e-7 (Numerical Recipes, 6.2). */
function complementaryError(x: number): number {
  const t = 1 / (1 + x / 2);
  const coefficients = [-1.265_512_23, 1.000_023_68, 0.374_091_96, 0.096_784_18, -0.186_288_06, 0.278_868_07, -1.135_203_98, 1.488_515_87, -0.822_152_23, 0.170_872_77];
  const polynomial = coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  return t * Math.exp(polynomial - x * x);
}
