import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { namedByConnection, parseObject, sessionNames } from './request-headers';

const dropped = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade',
  'set-cookie', 'x-fallback-cookies', 'location', 'content-disposition',
  // What speaks for the whole origin is for us to say.
  'clear-site-data', 'service-worker-allowed', 'strict-transport-security', 'public-key-pins', 'alt-svc', 'refresh', 'report-to', 'reporting-endpoints', 'nel', 'origin-agent-cluster',
]);

/** Types that no browser runs as a page or a script of the origin. Whatever ends in `+xml` is a page, pictures too. */
const harmless = /^(?:application\/(?:json|pdf|octet-stream|x-ndjson)|text\/(?:plain|csv|event-stream)|(?:image|audio|video|font)\/[a-z0-9.-]+|multipart\/form-data)$/;

interface Facts {
  status: number;
  project: string | null;
  /** Where the answer came from, which is nobody's business outside. */
  upstream: URL;
  publicUrl: URL;
}

/** Appwrite's own headers, without what would reach beyond its project or its answer. */
export function responseHeaders(headers: IncomingHttpHeaders, { status, project, upstream, publicUrl }: Facts): OutgoingHttpHeaders {
  const sent: OutgoingHttpHeaders = {};
  const named = namedByConnection(headers.connection);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.has(name) && !named.has(name)) sent[name] = value;
  }
  // It renews headers of an answer that the browser keeps, and those were decided by its type.
  if (status === 304) for (const name of ['content-type', 'content-security-policy']) delete sent[name];
  sent['x-content-type-options'] = 'nosniff';
  if (headers.location !== undefined) sent['location'] = outside(headers.location, upstream, publicUrl);
  return { ...sent, ...(status === 304 ? {} : disposition(headers)), ...(project === null ? {} : sessionsOf(headers, project)) };
}

/**
 * Files are what strangers uploaded, and the gateway may share its origin with Studio. What could run there is made a
 * download, and a page of no origin should a browser show it all the same.
 */
function disposition(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const asked = headers['content-disposition'];
  if (isHarmless(headers)) return asked === undefined ? {} : { 'content-disposition': asked };
  const parameters = /^(?:inline|attachment)(\s*;.*)?$/i.exec(asked ?? '')?.[1] ?? '';
  return { 'content-disposition': `attachment${parameters}`, 'content-security-policy': `sandbox; default-src 'none'` };
}

function isHarmless(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  // Without a type and without bytes there is nothing to show.
  if (type === undefined) return headers['content-length'] === '0';
  return harmless.test(type.split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

function outside(location: string, upstream: URL, publicUrl: URL): string {
  if (!URL.canParse(location) || new URL(location).origin !== upstream.origin) return location;
  const { pathname, search, hash } = new URL(location);
  return `${publicUrl.origin}${pathname}${search}${hash}`;
}

/** Sessions of this project only, for this host only. */
function sessionsOf(headers: IncomingHttpHeaders, project: string): OutgoingHttpHeaders {
  const names = sessionNames(project);
  const cookies = (headers['set-cookie'] ?? []).filter((cookie) => names.includes(cookie.split('=', 1)[0]?.trim() ?? '')).map(withoutDomain);
  const fallback = Object.entries(parseObject(headers['x-fallback-cookies'])).filter(([name]) => names.includes(name));
  return {
    ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
    ...(fallback.length === 0 ? {} : { 'x-fallback-cookies': JSON.stringify(Object.fromEntries(fallback)) }),
  };
}

function withoutDomain(cookie: string): string {
  return cookie.split(';').filter((part) => !/^\s*domain\s*(=|$)/i.test(part)).join(';');
}
