import type { z } from 'zod';
import type { Clock } from '@/lib/kernel/clock';
import { RailwayError, railwayFailureOf } from '../port';
import { failureOf, failureOfThrown, type Answer } from './failures';
import type { RailwayGate } from './gate';
import { openStream } from './stream';

export interface ClientOptions {
  endpoint: string;
  token: string;
  clock: Clock;
  gate: RailwayGate;
  deadlineMs: number;
  /** Marks every call as a repetition, which draws on the gate's retry budget. */
  retrying: boolean;
}

/** A document and the shape of the field that answers it. */
export interface Operation<Shape> {
  document: string;
  data: z.ZodType<Shape>;
}

export interface RailwayClient {
  ask<Shape>(operation: Operation<Shape>, variables?: Record<string, unknown>): Promise<Shape>;
  /** Calls `onData` with every answer, until `signal` aborts or Railway ends it. */
  follow<Shape>(operation: Operation<Shape>, variables: Record<string, unknown>, onData: (data: Shape) => void, signal: AbortSignal): Promise<void>;
  /** The same token as one of a single project, which Railway takes in another header. */
  askAsProject<Shape>(operation: Operation<Shape>): Promise<Shape>;
}

const maximumBytes = 8 * 1024 * 1024;

export function createClient({ endpoint, token, clock, gate, deadlineMs, retrying }: ClientOptions): RailwayClient {
  async function post(document: string, variables: Record<string, unknown>, credentials: Record<string, string>): Promise<Answer> {
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...credentials },
        body: JSON.stringify({ query: document, operationName: nameOf(document), variables }),
        // Not followed: the token goes to nobody but the endpoint.
        redirect: 'manual',
        signal: AbortSignal.timeout(deadlineMs),
      });
      return { status: response.status, headers: response.headers, body: parseBody(await boundedText(response)) };
    } catch (error) {
      throw failureOfThrown(error);
    }
  }

  async function exchange<Shape>({ document, data }: Operation<Shape>, variables: Record<string, unknown>, credentials: Record<string, string>): Promise<Shape> {
    // Nothing else fits into a header, and fetch would show the token in its complaint.
    if (!isHeader(token)) throw new RailwayError({ kind: 'unauthorized' });
    return gate.run({ retrying }, async () => {
      const answer = await post(document, variables, credentials);
      const failure = failureOf(answer, clock.now().getTime());
      if (failure === null) return read(data, answer.body);
      // Only a whole answer of 429 counts for all calls; a limit that one operation names is its own.
      if (answer.status === 429 && failure.failure.kind === 'rate_limited') gate.pauseFor(failure.failure.retryAfterMs);
      throw failure;
    });
  }

  async function follow<Shape>({ document, data }: Operation<Shape>, variables: Record<string, unknown>, onData: (data: Shape) => void, signal: AbortSignal): Promise<void> {
    if (!isHeader(token)) throw new RailwayError({ kind: 'unauthorized' });
    // The gate decides about the connection; what is under way for hours is no call that holds others back.
    const stream = await gate.run({ retrying }, async () => {
      const begun = openStream({
        endpoint, token, deadlineMs, clock, signal,
        request: { query: document, operationName: nameOf(document) ?? null, variables },
        onAnswer: (answer) => onData(read(data, answer)),
      });
      await begun.opened.catch((error: unknown) => {
        const failure = railwayFailureOf(error);
        if (failure?.kind === 'rate_limited') gate.pauseFor(failure.retryAfterMs);
        throw error;
      });
      return begun;
    });
    await stream.ended;
  }

  return {
    follow,
    ask: (operation, variables = {}) => exchange(operation, variables, { authorization: `Bearer ${token}` }),
    askAsProject: (operation) => exchange(operation, {}, { 'project-access-token': token }),
  };
}

function isHeader(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

function nameOf(document: string): string | undefined {
  return /^(?:query|mutation|subscription) (\w+)/.exec(document)?.[1];
}

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (bytes > maximumBytes) throw new RailwayError({ kind: 'unsupported' }, { cause: new Error(`an answer of more than ${maximumBytes} bytes`) });
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Zod's complaint can quote what it read, which may be a variable's value: only the places are kept. */
function read<Shape>(shape: z.ZodType<Shape>, body: unknown): Shape {
  const parsed = shape.safeParse(typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ code, path }) => `${path.join('.')}: ${code}`);
  throw new RailwayError({ kind: 'unsupported' }, { cause: new Error(`an answer of another shape (${places.slice(0, 5).join('; ')})`) });
}
