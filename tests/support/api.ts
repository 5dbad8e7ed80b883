import { pino } from 'pino';
import { doors, families } from '@/app/api/_routes/doors';
import type { Ctx } from '@/lib/context';
import type { Composition } from '@/lib/composition';
import { readEnv } from '@/lib/env';
import { answerProblems, createApi } from '@/lib/http/api';
import { cookieName } from '@/lib/http/session-cookie';
import type { Person, TestStudio } from './context';

export interface Asked {
  as?: Person | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; undefined where there is none. */
  json: unknown;
}

/** What a process builds once, on the studio's database. */
export function testComposition(studio: TestStudio, environment: Record<string, string> = {}, changes: Partial<Ctx> = {}): Composition {
  const ports = studio.ctx({ kind: 'anonymous' }, changes);
  const env = readEnv({
    STUDIO_URL: ports.baseUrl,
    DATABASE_URL: studio.urls.appUrl,
    STUDIO_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...environment,
  });
  return { env, log: pino({ level: 'silent' }), redis: null, ports, visits: new Map() };
}

/** The whole API in this process, on the studio's database, asked as a browser with a session or as nobody. */
export function testApi(studio: TestStudio, environment: Record<string, string> = {}, changes: Partial<Ctx> = {}) {
  const composition = testComposition(studio, environment, changes);
  const { env } = composition;
  const api = createApi(composition, doors, families);
  answerProblems(api, composition, doors, families);

  return async function ask(method: string, path: string, { as, body, headers = {} }: Asked = {}): Promise<Answered> {
    const sent: Record<string, string> = { ...headers };
    if (as !== undefined) {
      sent['cookie'] = `${cookieName(env.STUDIO_URL)}=${as.sessionToken}`;
      sent['sec-fetch-site'] ??= 'same-origin';
    }
    if (body !== undefined) sent['content-type'] ??= 'application/json';
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await api.request(path, { method, headers: sent, ...(body === undefined ? {} : { body: payload }) });
    const text = await response.text();
    const json: unknown = response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  };
}
