import type { Leak, Tried } from './schemas';

/** What came of one probe: refused, answered with nothing of the organization, or what was seen of it. */
export type Outcome = 'refused' | 'empty' | { saw: string };

const mostLeaksNamed = 200;

/** Counts what was tried, object by object, in the order in which it was first tried. */
export class Tally {
  readonly found: Leak[] = [];
  probes = 0;
  leaks = 0;

  readonly #tried = new Map<string, Tried>();

  add({ object, actor, probe }: Omit<Leak, 'saw'>, outcome: Outcome): void {
    const tried = this.#of(object);
    this.probes += 1;
    tried.probes += 1;
    if (outcome === 'refused') tried.refused += 1;
    else if (outcome === 'empty') tried.empty += 1;
    else {
      this.leaks += 1;
      tried.leaks += 1;
      if (this.found.length < mostLeaksNamed) this.found.push({ object, actor, probe, saw: outcome.saw });
    }
  }

  leaveOut(object: string, reason: string): void {
    this.#of(object).not_tried = reason;
  }

  tried(): Tried[] {
    return [...this.#tried.values()];
  }

  #of(object: string): Tried {
    const known = this.#tried.get(object);
    if (known !== undefined) return known;
    const made: Tried = { object, probes: 0, refused: 0, empty: 0, leaks: 0 };
    this.#tried.set(object, made);
    return made;
  }
}
