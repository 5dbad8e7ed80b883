/** Fetch for the browser: JSON both ways, problems as typed errors, and posts that may be sent twice safely. */

export interface ProblemField {
  /** JSON pointer into the body that was sent, `/email` for example. */
  pointer: string;
  detail: string;
}

interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  request_id?: string;
  right?: string;
  errors?: ProblemField[];
}

/** A refusal by the API. `message` is written for people. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly requestId: string | undefined;
  readonly errors: readonly ProblemField[];
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, body: ProblemBody, retryAfterSeconds: number | undefined) {
    super(body.detail ?? 'The server did not say why.');
    this.name = 'ApiProblem';
    this.status = status;
    this.code = body.code ?? 'unknown';
    this.title = body.title ?? `The request failed with status ${status}`;
    this.requestId = body.request_id;
    this.errors = body.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The request did not reach the server or no answer came back. */
export class NetworkProblem extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached. Check your connection; nothing you typed is lost.', { cause });
    this.name = 'NetworkProblem';
  }
}

const base = '/api/v1';

export function apiGet<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return send<Answer>('GET', path, undefined, {}, signal);
}

/** `intent` is the same for a repeated press, so the server does the work once; null for answers that are not kept, such as files. */
export function apiPost<Answer = undefined>(path: string, body: unknown = {}, intent: string | null = newIntent()): Promise<Answer> {
  if (intent === null) return send<Answer>('POST', path, body);
  return retryOnce(() => send<Answer>('POST', path, body, { 'idempotency-key': `"${intent}"` }));
}

export function apiPatch<Answer>(path: string, body: unknown): Promise<Answer> {
  return send<Answer>('PATCH', path, body);
}

export function apiPut<Answer>(path: string, body: unknown): Promise<Answer> {
  return send<Answer>('PUT', path, body);
}

export function apiDelete<Answer = undefined>(path: string, body?: unknown): Promise<Answer> {
  return send<Answer>('DELETE', path, body);
}

/** A key for one intended act: 128 random bits. `crypto.randomUUID` is missing on plain http. */
export function newIntent(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function send<Answer>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Answer> {
  const response = await reach(`${base}${path}`, {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json, application/problem+json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw await problemOf(response);
  return readAnswer<Answer>(response);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new NetworkProblem(cause);
  }
}

/** The server parses its answers against the same schemas from which `Answer` is inferred. */
async function readAnswer<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return (json && text !== '' ? JSON.parse(text) : text === '' ? undefined : text) as Answer;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const header = response.headers.get('retry-after');
  const seconds = header === null ? Number.NaN : Number(header);
  return new ApiProblem(response.status, await problemBody(response), Number.isFinite(seconds) ? seconds : undefined);
}

async function problemBody(response: Response): Promise<ProblemBody> {
  if (response.headers.get('content-type')?.includes('json') !== true) return { detail: `The server answered with status ${response.status} and no explanation. Try again in a moment.` };
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null ? body : {};
}

/** The key in the header makes a second sending harmless, so a lost connection is bridged once. */
async function retryOnce<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  try {
    return await attempt();
  } catch (error) {
    const lost = error instanceof NetworkProblem || (error instanceof ApiProblem && error.status === 503);
    if (!lost) throw error;
    await new Promise((resolve) => setTimeout(resolve, 600));
    return attempt();
  }
}
