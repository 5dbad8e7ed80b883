import { randomBytes, randomInt } from 'node:crypto';
import type { z } from 'zod';
import { openLiveStream, type LiveStream } from './live-stream';
import { linkIn, type mailboxAt } from './mailbox';
import { addressOfPart } from './page-part';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; undefined where there is none. */
  json: unknown;
  ms: number;
}

interface Asked {
  body?: unknown;
  headers?: Record<string, string>;
  /** Another server than the visitor's own. */
  at?: string;
  timeoutMs?: number;
}

export const password = 'a-long-Enough-phrase-7';

/** Somebody outside: keeps the session cookie as a browser does, comes from an address of their own, may ask any server. */
export class Visitor {
  email = `${randomBytes(6).toString('hex')}@example.com`;
  readonly ip = `10.${randomInt(256)}.${randomInt(256)}.${1 + randomInt(254)}`;

  readonly #jar = new Map<string, string>();

  constructor(readonly server: string) {}

  /** Everything in the jar, as it is sent; undefined when it is empty. */
  get cookie(): string | undefined {
    return this.#jar.size === 0 ? undefined : [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Puts a header's cookies into the jar, as a thief of the header would. */
  set cookie(header: string | undefined) {
    this.#jar.clear();
    for (const pair of header?.split('; ') ?? []) this.#put(pair);
  }

  async ask(method: string, path: string, { body, headers = {}, at = this.server, timeoutMs = 20_000 }: Asked = {}): Promise<Answer> {
    const started = performance.now();
    const response = await fetch(new URL(path, at), {
      method,
      headers: { ...this.#headers(), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    this.#keepCookie(response.headers.getSetCookie());
    const part = addressOfPart(response.status, response.headers.get('location'));
    if (part !== null && part !== path) {
      await response.body?.cancel();
      return this.ask(method, part, { body, headers, at, timeoutMs });
    }
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const json: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json, ms: performance.now() - started };
  }

  /** Asks and takes only success, in the shape that is expected. */
  async get<Shape extends z.ZodType>(shape: Shape, path: string, asked: Asked = {}): Promise<z.infer<Shape>> {
    return accepted(shape, await this.ask('GET', path, asked));
  }

  async post<Shape extends z.ZodType>(shape: Shape, path: string, body: unknown, asked: Asked = {}): Promise<z.infer<Shape>> {
    return accepted(shape, await this.ask('POST', path, { ...asked, body }));
  }

  stream(path: string, { at = this.server, lastEventId }: { at?: string; lastEventId?: string | undefined } = {}): Promise<LiveStream> {
    return openLiveStream(new URL(path, at).href, { ...this.#headers(), ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) });
  }

  /** The same person on another device: a second session. */
  async secondDevice(at = this.server): Promise<Visitor> {
    const device = new Visitor(at);
    device.email = this.email;
    await device.signIn();
    return device;
  }

  async signIn(): Promise<void> {
    const answer = await this.ask('POST', '/api/v1/auth/login', { body: { email: this.email, password } });
    if (answer.status !== 200) throw new Error(`could not sign in: ${answer.status} ${answer.text}`);
  }

  #headers(): Record<string, string> {
    return {
      'x-forwarded-for': this.ip,
      ...(this.cookie === undefined ? {} : { cookie: this.cookie, 'sec-fetch-site': 'same-origin' }),
    };
  }

  #keepCookie(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = ''] = line.split(';');
      if (!pair.includes('studio_session=')) continue;
      if (/Max-Age=0\b/.test(line)) this.#jar.delete(pair.slice(0, pair.indexOf('=')));
      else this.#put(pair);
    }
  }

  #put(pair: string): void {
    const at = pair.indexOf('=');
    this.#jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

/** A person who registered and confirmed the address by the letter. */
export async function signUp({ url, mailbox }: { url: string; mailbox: ReturnType<typeof mailboxAt> }, name = 'Ada'): Promise<Visitor> {
  const visitor = new Visitor(url);
  const registered = await visitor.ask('POST', '/api/v1/auth/register', {
    body: { email: visitor.email, password, first_name: name, last_name: 'Tester' },
  });
  if (registered.status !== 202) throw new Error(`could not register: ${registered.status} ${registered.text}`);
  const letter = await mailbox.waitForMessage(visitor.email, /confirm/i);
  const confirmed = await visitor.ask('POST', '/api/v1/auth/verify-email', { body: { token: tokenOf(linkIn(letter)), password } });
  if (confirmed.status !== 200) throw new Error(`could not confirm the address: ${confirmed.status} ${confirmed.text}`);
  return visitor;
}

/** The secret of a link, which travels in its fragment. */
export function tokenOf(link: string): string {
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token');
  if (token === null) throw new Error(`the link ${new URL(link).pathname} has no token`);
  return token;
}

function accepted<Shape extends z.ZodType>(shape: Shape, answer: Answer): z.infer<Shape> {
  if (answer.status >= 400) throw new Error(`refused: ${answer.status} ${answer.text}`);
  return shape.parse(answer.json);
}
