import type { ZodObject, ZodType } from 'zod';
import type { Ctx } from '@/lib/context';
import type { Composition } from '@/lib/composition';

/** What a door hands to its verb: already text or JSON, not yet checked; the verb parses. */
export interface Request {
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
}

/** An answer that is more than a JSON body: a cookie, a file, a stream. */
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
export interface Door {
  method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** In OpenAPI's form, below `/api/v1`: `/projects/{project}`. */
  path: string;
  tag: string;
  summary: string;
  query?: ZodObject;
  body?: ZodType;
  /** The status of success, and its body; `null` for none. */
  status: 200 | 201 | 202 | 204;
  returns: ZodType | null;
  /** Reachable without a credential. */
  open?: boolean;
  /** The answer may be kept and compared by ETag; names the organization it depends on. */
  cachedFor?: (request: Request) => { organization: string } | null;
  run: (ctx: Ctx, request: Request, composition: Composition) => Promise<unknown>;
}

export function door(definition: Door): Door {
  return definition;
}
