import { z } from 'zod';
import { FaultList } from '../fault-list';

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

const faultInput = z.strictObject({
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

const faultSettings = z.strictObject({
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

export interface LoggedRequest {
  at: string;
  method: string;
  path: string;
  /** 0 when the connection was cut or left hanging. */
  status: number;
  ms: number;
}

const NORMAL: FaultSettings = { latency: 'none', deletes: 'normal', columns: 'normal' };

/** The failures that the real server was seen with, switched on at will; none is on at the start. */
export class Faults extends FaultList<Effect, FaultInput, FaultSettings, LoggedRequest> {
  constructor() {
    super({ input: faultInput, settings: faultSettings }, NORMAL);
  }

  strike(method: string, path: string): Effect | undefined {
    return this.strikeWhere((fault) => (fault.method === undefined || fault.method === method) && toPattern(fault.path).test(path));
  }
}

function toPattern(path: string): RegExp {
  const source = path.split('/').map((segment) => {
    if (segment === '**') return '.*';
    return segment === '*' ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('/')}$`);
}
