import type { z } from 'zod';

/** What every fault says beside what it strikes. */
export interface Turns<Effect> {
  effect: Effect;
  /** How many matching requests it strikes; all of them when absent. */
  times?: number | undefined;
  /** How many matching requests pass before it strikes. */
  skip?: number | undefined;
}

/** What is not named stays as it is. */
type Change<Settings> = { [Name in keyof Settings]?: Settings[Name] | undefined };

interface Shapes<Input, Settings> {
  input: z.ZodType<Input>;
  settings: z.ZodType<Change<Settings>>;
}

const LOG_LENGTH = 20_000;

/** Failures of a stand-in that are switched on at will, and a log of its requests; none is on at the start. */
export class FaultList<Effect, Input extends Turns<Effect>, Settings extends object, Logged> {
  readonly shapes: Shapes<Input, Settings>;
  readonly #normal: Settings;
  #armed: Array<Input & { id: number; struck: number }> = [];
  #next = 1;
  #requests: Logged[] = [];
  #settings: Settings;

  constructor(shapes: Shapes<Input, Settings>, normal: Settings) {
    this.shapes = shapes;
    this.#normal = normal;
    this.#settings = normal;
  }

  get settings(): Readonly<Settings> {
    return this.#settings;
  }

  /** Every request since the start or the last `clearRequests`, oldest first. */
  get requests(): readonly Logged[] {
    return this.#requests;
  }

  configure(change: Change<Settings>): void {
    const named = Object.entries(this.shapes.settings.parse(change)).filter(([, value]) => value !== undefined);
    this.#settings = { ...this.#settings, ...Object.fromEntries(named) };
  }

  /** Arms a fault and returns its number; among several that match, the oldest strikes. */
  add(input: Input): number {
    const id = this.#next++;
    this.#armed.push({ ...this.shapes.input.parse(input), id, struck: 0 });
    return id;
  }

  remove(id: number): void {
    this.#armed = this.#armed.filter((fault) => fault.id !== id);
  }

  /** Disarms everything and goes back to normal settings. */
  clear(): void {
    this.#armed = [];
    this.#settings = this.#normal;
  }

  list(): ReadonlyArray<Input & { id: number; struck: number }> {
    return this.#armed;
  }

  record(request: Logged): void {
    this.#requests.push(request);
    if (this.#requests.length > LOG_LENGTH) this.#requests.shift();
  }

  clearRequests(): void {
    this.#requests = [];
  }

  /** The effect of the oldest fault that means this request and whose turn it is; counts it. */
  protected strikeWhere(means: (fault: Input) => boolean): Effect | undefined {
    for (const fault of this.#armed) {
      if (!means(fault)) continue;
      const turn = fault.struck++;
      const first = fault.skip ?? 0;
      if (turn >= first && (fault.times === undefined || turn < first + fault.times)) return fault.effect;
    }
    return undefined;
  }
}
