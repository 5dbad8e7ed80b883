import { Client } from 'node-appwrite';
import { AppwriteError } from '../port';
import { failureOf, failureOfThrown, type Answer } from './failures';
import type { Waits } from './waits';

type Params = Record<string, unknown>;

/**
 * The SDK's client with what it lacks: a deadline on every call (a server whose database hangs never answers),
 * the response headers (`Retry-After`, `Set-Cookie`), and failures as a closed union. With `waits` nothing is sent to
 * a route that asked to be left alone, and the call fails as if it had been told so again.
 */
export class DeadlineClient extends Client {
  readonly #deadlineMs: number;
  readonly #waits: Waits | undefined;

  constructor(endpoint: string, deadlineMs: number, waits?: Waits) {
    super();
    this.#deadlineMs = deadlineMs;
    this.#waits = waits;
    this.setEndpoint(endpoint);
  }

  override async call(method: string, url: URL, headers: Record<string, string> = {}, params: Params = {}): Promise<unknown> {
    const route = this.#routeOf(method, url);
    const leftMs = this.#waits?.leftMs(route) ?? 0;
    if (leftMs > 0) throw new AppwriteError({ kind: 'rate_limited', retryAfterMs: Math.ceil(leftMs) });
    const answer = await this.exchange(method, url, headers, params);
    if (answer.status < 300) return answer.body;
    const failure = failureOf(answer, Date.now());
    if (failure.kind === 'rate_limited') this.#waits?.note(route, failure.retryAfterMs);
    throw new AppwriteError(failure);
  }

  /** Limits are counted by route; the same path in another project or organization is another one. */
  #routeOf(method: string, url: URL): string {
    return `${method} ${url.pathname} ${this.config.project} ${this.headers['x-appwrite-organization']}`;
  }

  /** One request and its answer, whatever the status. */
  async exchange(method: string, url: URL, headers: Record<string, string> = {}, params: Params = {}): Promise<Answer> {
    const { uri, options } = this.prepareRequest(method, url, headers, params);
    const request = { ...asRequestInit(options), redirect: 'manual' as const, signal: AbortSignal.timeout(this.#deadlineMs) };
    try {
      const response = await fetch(uri, request);
      return { status: response.status, headers: response.headers, body: parseBody(await response.text()) };
    } catch (error) {
      throw failureOfThrown(error);
    }
  }
}

/** The SDK types its options after its own copy of undici; they are what `fetch` takes. */
function asRequestInit(options: unknown): RequestInit {
  return options as RequestInit;
}

/** Some of Appwrite's JSON comes labelled as HTML, so the text decides, not the content type. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(keepLongIntegers(text));
  } catch {
    return text;
  }
}

/**
 * Writes integers that a double cannot hold as text. The pattern takes strings and numbers whole, so that
 * digits inside a string or behind a decimal point are left alone.
 */
function keepLongIntegers(json: string): string {
  if (!/\d{16}/.test(json)) return json;
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}
