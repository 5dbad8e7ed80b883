import { createClient, type Client } from 'graphql-ws';
import type { IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import type { Clock } from '@/lib/kernel/clock';
import { RailwayError } from '../port';
import { failureOf, failureOfThrown } from './failures';

export interface StreamOptions {
  /** Of the API; subscriptions live on the same path. */
  endpoint: string;
  token: string;
  clock: Clock;
  deadlineMs: number;
  request: { query: string; operationName: string | null; variables: Record<string, unknown> };
  /** With the whole answer, `{ data }`. What it throws ends the stream. */
  onAnswer(answer: unknown): void;
  signal: AbortSignal;
}

export interface Stream {
  /** Resolves when Railway has accepted the token; rejects when there is no connection. */
  opened: Promise<void>;
  /** Resolves when aborted, or ended by Railway. */
  ended: Promise<void>;
}

const maximumBytes = 8 * 1024 * 1024;
const pingEveryMs = 15_000;
const unnamedPauseMs = 30_000;

/** A subscription by WebSocket, over the protocol `graphql-transport-ws`. */
export function openStream({ endpoint, token, clock, deadlineMs, request, onAnswer, signal }: StreamOptions): Stream {
  let failure: RailwayError | undefined;
  const fail = (found: RailwayError): void => {
    failure ??= found;
  };
  const authorization = `Bearer ${token}`;

  /** Says what a handshake that fails means; a browser's WebSocket would not tell. */
  class Connection extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, { headers: { authorization }, maxPayload: maximumBytes });
      this.on('unexpected-response', (sent, { statusCode = 0, headers }) => {
        const answer = { status: statusCode, headers: toHeaders(headers), body: undefined };
        fail(failureOf(answer, clock.now().getTime()) ?? new RailwayError({ kind: 'unsupported' }));
        sent.destroy();
        settle(failure);
      });
      this.on('error', (error) => fail(failureOfThrown(error)));
    }
  }

  const client = createClient({
    url: endpoint.replace(/^http/, 'ws'),
    webSocketImpl: Connection,
    connectionParams: { Authorization: authorization },
    retryAttempts: 0,
    keepAlive: pingEveryMs,
  });
  const giveUp = (): void => {
    fail(new RailwayError({ kind: 'timeout' }));
    client.terminate();
  };
  watchPings(client, deadlineMs, giveUp);

  const opening = setTimeout(giveUp, deadlineMs);
  const opened = waiting();
  const ended = waiting();

  const settle = (error?: Error): void => {
    clearTimeout(opening);
    signal.removeEventListener('abort', abort);
    for (const { resolve, reject } of [opened, ended]) {
      if (error === undefined) resolve();
      else reject(error);
    }
    void client.dispose();
  };
  const abort = (): void => settle();
  client.on('connected', () => {
    clearTimeout(opening);
    opened.resolve();
  });
  if (signal.aborted) abort();
  else {
    signal.addEventListener('abort', abort, { once: true });
    client.subscribe(request, {
      next: (answer) => {
        const refusal = failureOf({ status: 200, headers: new Headers(), body: answer }, clock.now().getTime());
        if (refusal !== null) return settle(refusal);
        try {
          onAnswer(answer);
        } catch (error) {
          settle(error instanceof Error ? error : new Error('the answer was not taken'));
        }
      },
      error: (error) => settle(failure ?? meaningOf(error, clock)),
      complete: () => settle(failure),
    });
  }
  return { opened: opened.promise, ended: ended.promise };
}

function waiting(): { promise: Promise<void>; resolve(): void; reject(error: Error): void } {
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((...both) => { [resolve, reject] = both; });
  // Whoever waits hears of it; nobody has to wait.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** A list of errors of GraphQL, the close of a connection, or what was thrown on the way. */
function meaningOf(error: unknown, clock: Clock): RailwayError {
  if (Array.isArray(error)) return failureOf({ status: 200, headers: new Headers(), body: { errors: error } }, clock.now().getTime()) ?? new RailwayError({ kind: 'unsupported' });
  if (typeof error !== 'object' || error === null || !('code' in error)) return new RailwayError({ kind: 'unsupported' });
  if (typeof error.code !== 'number') return failureOfThrown(error);
  const cause = new Error(`WebSocket ${error.code}`);
  switch (error.code) {
    case 4401:
    case 4403: return new RailwayError({ kind: 'unauthorized' }, { cause });
    case 4429: return new RailwayError({ kind: 'rate_limited', retryAfterMs: unnamedPauseMs }, { cause });
    case 1002:
    case 1009:
    case 4004:
    case 4400:
    case 4406: return new RailwayError({ kind: 'unsupported' }, { cause });
    default: return new RailwayError({ kind: 'unavailable', sent: true, retryAfterMs: null }, { cause });
  }
}

/** A connection whose other end is gone without a word answers no ping. */
function watchPings(client: Client, deadlineMs: number, giveUp: () => void): void {
  let waiting: NodeJS.Timeout | undefined;
  client.on('ping', (received) => {
    if (!received) waiting = setTimeout(giveUp, deadlineMs);
  });
  client.on('pong', () => clearTimeout(waiting));
  client.on('closed', () => clearTimeout(waiting));
}

function toHeaders(headers: IncomingHttpHeaders): Headers {
  const known = new Headers();
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') known.set(name, value);
  return known;
}
