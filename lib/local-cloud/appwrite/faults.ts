import { z } from 'zod';

const effect = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('delay'), ms: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('cut'), when: z.enum(['before', 'after']) }),
  z.strictObject({ kind: z.literal('rate-limit'), retryAfterSeconds: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('server-error'), as: z.enum(['json', 'untyped-html']) }),
  z.strictObject({ kind: z.literal('conflict') }),
  z.strictObject({ kind: z.literal('not-found-page') }),
  z.strictObject({ kind: z.literal('die-mid-create'), tables: z.number().int().min(0) }),
]);

export const faultInput = z.strictObject({
  /** Any method when absent. */
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  /** A path in which `*` stands for one segment and a closing `**` for the rest. */
  path: z.string().startsWith('/'),
  effect,
  /** How many matching requests it strikes; all of them when absent. */
  times: z.number().int().min(1).optional(),
  /** How many matching requests pass before it strikes. */
  skip: z.number().int().min(0).optional(),
});

export const faultSettings = z.strictObject({
  /** `recorded` makes every answer take as long as the real server took. */
  latency: z.enum(['none', 'recorded']).optional(),
  /** What the deletes worker does: works, comes late by that many milliseconds, or never gets the message. */
  deletes: z.union([z.literal('normal'), z.literal('lost'), z.strictObject({ delayMs: z.number().int().min(0) })]).optional(),
  /** What the databases worker does with new columns and indexes: makes them, or leaves them `processing`. */
  columns: z.enum(['normal', 'lost']).optional(),
});

export type Effect = z.infer<typeof effect>;
export type FaultInput = z.infer<typeof faultInput>;
type FaultChange = z.infer<typeof faultSettings>;

export interface FaultSettings {
  latency: NonNullable<FaultChange['latency']>;
  deletes: NonNullable<FaultChange['deletes']>;
  columns: NonNullable<FaultChange['columns']>;
}

interface ArmedFault extends FaultInput {
  id: number;
  struck: number;
  pattern: RegExp;
}

export interface LoggedRequest {
  at: string;
  method: string;
  path: string;
  /** 0 when the connection was cut or left hanging. */
  status: number;
  ms: number;
}

const LOG_LENGTH = 20_000;
const NORMAL: FaultSettings = { latency: 'none', deletes: 'normal', columns: 'normal' };

/** The failures that the real server was seen with, switched on at will; none is on at the start. */
export class Faults {
  #armed: ArmedFault[] = [];
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

  configure(settings: FaultChange): void {
    const { latency, deletes, columns } = faultSettings.parse(settings);
    const now = this.#settings;
    this.#settings = { latency: latency ?? now.latency, deletes: deletes ?? now.deletes, columns: columns ?? now.columns };
  }

  /** Arms a fault and returns its number; among several that match, the oldest strikes. */
  add(input: FaultInput): number {
    const fault = faultInput.parse(input);
    const id = this.#next++;
    this.#armed.push({ ...fault, id, struck: 0, pattern: toPattern(fault.path) });
    return id;
  }

  remove(id: number): void {
    this.#armed = this.#armed.filter((fault) => fault.id !== id);
  }

  /** Disarms everything and goes back to normal speed and workers. */
  clear(): void {
    this.#armed = [];
    this.#settings = NORMAL;
  }

  list(): ReadonlyArray<FaultInput & { id: number; struck: number }> {
    return this.#armed.map(({ pattern: _, ...fault }) => fault);
  }

  /** The effect that this request meets, if any; counts it. */
  strike(method: string, path: string): Effect | undefined {
    for (const fault of this.#armed) {
      if ((fault.method !== undefined && fault.method !== method) || !fault.pattern.test(path)) continue;
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

function toPattern(path: string): RegExp {
  const source = path.split('/').map((segment) => {
    if (segment === '**') return '.*';
    return segment === '*' ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('/')}$`);
}
