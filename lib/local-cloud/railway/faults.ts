import { z } from 'zod';

const effect = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('delay'), ms: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('hang') }),
  /** `after`: the effect happens and its answer is lost. */
  z.strictObject({ kind: z.literal('cut'), when: z.enum(['before', 'after']) }),
  z.strictObject({ kind: z.literal('rate-limit'), retryAfterSeconds: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('server-error') }),
]);

export const faultInput = z.strictObject({
  /** The field that is asked for, such as `projectCreate`; every one when absent. */
  operation: z.string().min(1).optional(),
  effect,
  /** How many matching requests it strikes; all of them when absent. */
  times: z.number().int().min(1).optional(),
  /** How many matching requests pass before it strikes. */
  skip: z.number().int().min(0).optional(),
});

export const faultSettings = z.strictObject({
  /** Every build fails. */
  failBuilds: z.boolean().optional(),
  /** Every app ends as soon as it is started. */
  crashLoop: z.boolean().optional(),
});

export type Effect = z.infer<typeof effect>;
export type FaultInput = z.infer<typeof faultInput>;

export interface FaultSettings {
  failBuilds: boolean;
  crashLoop: boolean;
}

export interface LoggedRequest {
  at: string;
  /** The fields asked for, joined by a comma. */
  name: string;
  /** 0 when the connection was cut or left hanging. */
  status: number;
  ms: number;
}

const LOG_LENGTH = 20_000;
const NORMAL: FaultSettings = { failBuilds: false, crashLoop: false };

/** Failures that are switched on at will; none is on at the start. */
export class Faults {
  #armed: Array<FaultInput & { id: number; struck: number }> = [];
  #next = 1;
  #requests: LoggedRequest[] = [];
  #settings: FaultSettings = NORMAL;

  get settings(): Readonly<FaultSettings> {
    return this.#settings;
  }

  /** Every request since the start or the last `clearRequests`, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  configure(settings: z.infer<typeof faultSettings>): void {
    const { failBuilds = this.#settings.failBuilds, crashLoop = this.#settings.crashLoop } = faultSettings.parse(settings);
    this.#settings = { failBuilds, crashLoop };
  }

  /** Arms a fault and returns its number; among several that match, the oldest strikes. */
  add(input: FaultInput): number {
    const id = this.#next++;
    this.#armed.push({ ...faultInput.parse(input), id, struck: 0 });
    return id;
  }

  remove(id: number): void {
    this.#armed = this.#armed.filter((fault) => fault.id !== id);
  }

  clear(): void {
    this.#armed = [];
    this.#settings = NORMAL;
  }

  list(): ReadonlyArray<FaultInput & { id: number; struck: number }> {
    return this.#armed;
  }

  /** The effect that a request for these fields meets, if any; counts it. */
  strike(fields: readonly string[]): Effect | undefined {
    for (const fault of this.#armed) {
      if (fault.operation !== undefined && !fields.includes(fault.operation)) continue;
      const turn = fault.struck++;
      const first = fault.skip ?? 0;
      if (turn >= first && (fault.times === undefined || turn < first + fault.times)) return fault.effect;
    }
    return undefined;
  }

  record(request: LoggedRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > LOG_LENGTH) this.#requests.shift();
  }

  clearRequests(): void {
    this.#requests = [];
  }
}
