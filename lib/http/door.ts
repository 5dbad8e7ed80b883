import type { ZodObject, ZodType } from 'zod';
import type { Ctx } from '@/lib/context';

/** The names in a path: of `/projects/{project}/keys/{key}` they are `project` and `key`. */
type ParameterOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | ParameterOf<Rest> : never;

/** What a door hands to its verb: already text or JSON, not yet checked; the verb parses. */
export interface Request<Path extends string = string> {
  params: { [Name in ParameterOf<Path>]: string };
  query: Record<string, string>;
  body: unknown;
  /** The Cookie header as it came. */
  cookies: string | undefined;
}

/** A JSON body with headers of its own, a cookie mostly. */
export class Reply {
  constructor(
    readonly body: unknown,
    readonly headers: Record<string, string> = {},
  ) {}
}

/** Text or a stream of text, sent as it is. */
export class Raw {
  constructor(
    readonly body: string | ReadableStream<Uint8Array>,
    readonly headers: Record<string, string>,
  ) {}
}

/**
 * One route: what it is called, what goes in and out, and the verb behind it. `lib/http/api.ts` adds what is the
 * same for all: authentication, limits, same-origin check, idempotency, errors, OpenAPI.
 */
export type Door<Path extends string = string> = Described<Path> & (Json<Path> | WithHeaders<Path> | Text<Path>);

interface Described<Path extends string> {
  method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** In OpenAPI's form, below `/api/v1`: `/projects/{project}`. */
  path: Path;
  tag: string;
  summary: string;
  query?: ZodObject;
  body?: ZodType;
  /** The status of success, and its body; `null` for none. */
  status: 200 | 201 | 202 | 204;
  returns: ZodType | null;
  /** Reachable without a credential. */
  open?: boolean;
  /** Answers, and refuses, no earlier than this many milliseconds after the arrival: whether an account is known must not show. */
  floorMs?: number;
  /** The answer may be kept and compared by ETag; names the organization it depends on. */
  cachedFor?(request: Request<Path>): { organization: string } | null;
}

/** What is answered, or the JSON text of it. A post of this kind takes an Idempotency-Key. */
interface Json<Path extends string> {
  sends?: never;
  run(ctx: Ctx, request: Request<Path>): Promise<(object & { headers?: never }) | string | null | void>;
}

/** The other kinds are never kept to be answered again, so they take no Idempotency-Key. */
interface WithHeaders<Path extends string> {
  sends: 'headers';
  run(ctx: Ctx, request: Request<Path>): Promise<Reply>;
}

interface Text<Path extends string> {
  sends: 'text';
  run(ctx: Ctx, request: Request<Path>): Promise<Raw>;
}

/** Whether the answer is kept under an Idempotency-Key. Guests have none to keep it for. */
export function isKept({ method, open, sends }: Door): boolean {
  return method === 'post' && open !== true && sends === undefined;
}

/** Checks a definition against its own path: a misspelt parameter does not compile. */
export function door<const Path extends string>(definition: Door<Path>): Door {
  return definition;
}
