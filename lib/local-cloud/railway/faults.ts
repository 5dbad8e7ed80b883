import { z } from 'zod';
import { FaultList } from '../fault-list';

const effect = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('delay'), ms: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('hang') }),
  /** `after`: the effect happens and its answer is lost. */
  z.strictObject({ kind: z.literal('cut'), when: z.enum(['before', 'after']) }),
  z.strictObject({ kind: z.literal('rate-limit'), retryAfterSeconds: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('server-error') }),
]);

const faultInput = z.strictObject({
  /** The field that is asked for, such as `projectCreate`; every one when absent. */
  operation: z.string().min(1).optional(),
  effect,
  /** How many matching requests it strikes; all of them when absent. */
  times: z.number().int().min(1).optional(),
  /** How many matching requests pass before it strikes. */
  skip: z.number().int().min(0).optional(),
});

const faultSettings = z.strictObject({
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

const NORMAL: FaultSettings = { failBuilds: false, crashLoop: false };

/** Failures that are switched on at will; none is on at the start. */
export class Faults extends FaultList<Effect, FaultInput, FaultSettings, LoggedRequest> {
  constructor() {
    super({ input: faultInput, settings: faultSettings }, NORMAL);
  }

  /** For a request that asks for these fields. */
  strike(fields: readonly string[]): Effect | undefined {
    return this.strikeWhere(({ operation }) => operation === undefined || fields.includes(operation));
  }
}
