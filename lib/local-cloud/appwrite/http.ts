import { APPWRITE_VERSION, AppwriteError } from './errors';
import { isObject } from './params';
import type { Reply } from './route';

export function toResponse(answer: Reply | Response): Response {
  if (answer instanceof Response) return answer;
  const body = answer.body === undefined ? null : JSON.stringify(answer.body);
  const response = new Response(body, { status: answer.status });
  if (body !== null) response.headers.set('content-type', 'application/json; charset=UTF-8');
  return withHeaders(response, answer.headers ?? []);
}

export function errorResponse(error: unknown): Response {
  const known = error instanceof AppwriteError ? error : refusalOfPostgres(error) ?? new AppwriteError('general_unknown');
  return new Response(JSON.stringify(known.body()), {
    status: known.status,
    headers: { 'content-type': 'application/json; charset=UTF-8', 'cache-control': 'no-cache, no-store, must-revalidate', expires: '0', pragma: 'no-cache' },
  });
}

/** Values that the real server's MariaDB keeps and Postgres cannot: said plainly, for they are no failure of the server. */
const NOT_KEPT: Readonly<Record<string, string>> = {
  '22021': 'This local stand-in for Appwrite cannot keep the character U+0000.',
  '22P05': 'This local stand-in for Appwrite cannot keep the character U+0000.',
  '22003': 'This local stand-in for Appwrite cannot keep a number outside of 64 bits.',
};

export function refusalOfPostgres(error: unknown): AppwriteError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = NOT_KEPT[code];
  return words === undefined ? undefined : new AppwriteError('general_argument_invalid', words);
}

export function withHeaders(response: Response, headers: ReadonlyArray<readonly [string, string]>): Response {
  for (const [name, value] of headers) {
    if (name === 'set-cookie') response.headers.append(name, value);
    else response.headers.set(name, value);
  }
  return response;
}

const ALLOWED_HEADERS = 'Accept, Origin, Cookie, Set-Cookie, Content-Type, Content-Range, X-Appwrite-Project, X-Appwrite-Key, X-Appwrite-Dev-Key, X-Appwrite-Locale, X-Appwrite-Mode, X-Appwrite-JWT, X-Appwrite-Organization, X-Appwrite-Response-Format, X-Appwrite-Timeout, X-Appwrite-ID, X-Appwrite-Timestamp, X-Appwrite-Session, X-SDK-Version, X-SDK-Name, X-SDK-Language, X-SDK-Platform, Range, Cache-Control, Expires, Pragma, X-Fallback-Cookies, X-Requested-With';

export function withCommonHeaders(request: Request, response: Response): Response {
  const headers: Array<readonly [string, string]> = [
    ['server', 'Appwrite'],
    ['x-content-type-options', 'nosniff'],
    ['access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE'],
    ['access-control-allow-headers', ALLOWED_HEADERS],
    ['access-control-expose-headers', 'X-Appwrite-Session, X-Fallback-Cookies'],
    ['access-control-allow-credentials', 'true'],
    ['access-control-max-age', '86400'],
  ];
  const origin = request.headers.get('origin');
  if (origin !== null) headers.push(['access-control-allow-origin', origin]);
  const wanted = request.headers.get('x-appwrite-response-format');
  if (wanted !== null && isOlder(APPWRITE_VERSION, wanted)) {
    headers.push(['x-appwrite-warning', `The current SDK is built for Appwrite ${wanted}. However, the current Appwrite server version is ${APPWRITE_VERSION}. Please downgrade your SDK to match the Appwrite version: https://appwrite.io/docs/sdks`]);
  }
  return withHeaders(response, headers);
}

/** True when version `a` is below version `b`; an absent one is never older, an unreadable one always is. */
export function isOlder(a: string | undefined, b: string): boolean {
  if (a === undefined) return false;
  const parts = (version: string): number[] => version.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : -1));
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < right.length; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Malformed JSON counts as no parameters at all, as on the real server. Multipart bodies are left to their handler. */
export async function readBody(request: Request): Promise<Record<string, unknown>> {
  if (request.method === 'GET' || (request.headers.get('content-type') ?? '').startsWith('multipart/')) return {};
  try {
    const value: unknown = JSON.parse(await request.text());
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The query string with `name[]` and `name[0]` gathered into lists. */
export function readQuery(url: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, value] of new URL(url).searchParams) {
    const list = /^(\w+)\[\d*\]$/.exec(name)?.[1];
    if (list === undefined) values[name] = value;
    else values[list] = [...(Array.isArray(values[list]) ? values[list] : []), value];
  }
  return values;
}
