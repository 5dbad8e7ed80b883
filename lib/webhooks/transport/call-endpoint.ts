import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { CallFailure, failed, failureInWords, statusInWords } from './failure';
import { openGuarded, systemNetwork, type Network } from './guarded-socket';
import { readTarget, type Reach, type Target } from './target';

export interface Call {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** `error` is null for a success (2xx), and otherwise words for a person. */
export interface Outcome {
  status: number | null;
  error: string | null;
  /** Null without an answer: how long a failure took would tell of the network what its words do not. */
  durationMs: number | null;
}

/** Calls an endpoint once. Never throws for what the endpoint or the way to it does. */
export type CallEndpoint = (call: Call) => Promise<Outcome>;

interface Options extends Reach {
  network?: Network;
  /** From the look-up of the name to the end of the answer. */
  withinMs?: number;
}

const mostAnswerBytes = 64 * 1024;

/** Straight to the endpoint: no proxy, no redirect, no connection kept. */
export function createCallEndpoint({ loopback, network = systemNetwork, withinMs = 15_000 }: Options): CallEndpoint {
  return async ({ url, headers, body }) => {
    const startedMs = performance.now();
    const target = readTarget(url, { loopback });
    if ('refusal' in target) return { status: null, error: target.refusal, durationMs: null };
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), withinMs);
    let socket: Socket | undefined;
    try {
      socket = await unlessAborted(openGuarded(target, network, deadline.signal), deadline.signal);
      const status = await ask(target, socket, { headers, body }, deadline.signal);
      return { status, error: status >= 200 && status < 300 ? null : statusInWords(status), durationMs: Math.round(performance.now() - startedMs) };
    } catch (error) {
      const kind = deadline.signal.aborted ? 'too_slow' : error instanceof CallFailure ? error.kind : 'broken_off';
      return { status: null, error: failureInWords(kind), durationMs: null };
    } finally {
      clearTimeout(timer);
      socket?.destroy();
    }
  };
}

/** What comes too late is closed when it comes. */
async function unlessAborted(opening: Promise<Socket>, signal: AbortSignal): Promise<Socket> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(failed('too_slow')), { once: true });
  });
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    opening.then((late) => late.destroy(), () => undefined);
    throw error;
  }
}

function ask({ url }: Target, socket: Socket, { headers, body }: Omit<Call, 'url'>, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      createConnection: () => socket,
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, connection: 'close', 'content-length': Buffer.byteLength(body) },
      signal,
    });
    let status: number | null = null;
    // The head says whether the event was taken; whatever happens to the rest of the answer changes nothing.
    const settle = (error?: unknown) => (status === null ? reject(failed('broken_off', error)) : resolve(status));
    outgoing.once('response', (answer) => {
      status = answer.statusCode ?? 0;
      drain(answer, settle);
    });
    outgoing.on('error', settle);
    outgoing.once('close', () => settle());
    outgoing.end(body);
  });
}

/** Read to its end, for a server that counts on that, but no further than the limit. */
function drain(answer: IncomingMessage, done: () => void): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) answer.destroy();
  });
  answer.on('error', done);
  for (const end of ['end', 'close'] as const) answer.once(end, () => done());
}
