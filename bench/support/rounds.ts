import { load, type LoadOptions, type Measured } from './load';
import { median } from './statistics';

export interface Contest {
  /** All rounds of one contestant. */
  rounds: Measured[];
  perSecond: number;
  p95: number;
  p99: number;
  bodyBytes: number;
}

/**
 * Measures several servers in turn, round after round (A, B, A, B …), and answers medians: what the machine
 * does meanwhile strikes all of them alike.
 */
export async function contest<Name extends string>(entrants: Record<Name, LoadOptions>, rounds: number): Promise<Record<Name, Contest>> {
  const names = namesOf(entrants);
  const measured = new Map<Name, Measured[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Every other round backwards, so that nobody always follows the same neighbour.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      measured.get(name)?.push(await load(entrants[name]));
    }
  }
  return mapNames(names, (name) => summarize(measured.get(name) ?? []));
}

/** The median of the rounds' own ratios: each compares two runs that lie seconds apart. */
export function ratio(ours: Contest, theirs: Contest, figure: 'perSecond' | 'p95' | 'p99' = 'perSecond'): number {
  return median(ours.rounds.map((round, index) => round[figure] / (theirs.rounds[index]?.[figure] ?? Number.NaN)));
}

function summarize(rounds: Measured[]): Contest {
  const of = (figure: keyof Measured) => median(rounds.map((round) => round[figure]));
  return { rounds, perSecond: of('perSecond'), p95: of('p95'), p99: of('p99'), bodyBytes: of('bodyBytes') };
}

function namesOf<Name extends string>(entrants: Record<Name, unknown>): Name[] {
  return Object.keys(entrants) as Name[];
}

function mapNames<Name extends string, Value>(names: readonly Name[], value: (name: Name) => Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>;
}
