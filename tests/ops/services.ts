import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Transport = z.enum(['tls', 'http', 'tcp']);

const Service = z.strictObject({
  railway: z.string().nullable(),
  image: z.string().nullable(),
  port: z.number().int().nullable(),
  public: z.boolean(),
  start: z.string().nullable(),
  health: z.string().startsWith('/').nullable(),
});

const Connection = z.strictObject({
  from: z.array(z.string()).min(1),
  to: z.string(),
  compose: Transport,
  railway: Transport.nullable(),
  because: z.string().nullable(),
});

const List = z.strictObject({ about: z.array(z.string()), services: z.record(z.string(), Service), connections: z.array(Connection) });

export type Transport = z.infer<typeof Transport>;
export type Service = z.infer<typeof Service>;

/** What runs where, and how it speaks: the list that says what its fields mean itself. */
export const { services, connections } = List.parse(JSON.parse(readFileSync(new URL('../../.railway/services.json', import.meta.url), 'utf8')));
