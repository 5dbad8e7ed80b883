import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Of one connection alone (RFC 9110, 7.6.1). */
const hopByHop = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

const dropped = new Set([
  ...hopByHop,
  'host', 'expect', 'content-length',
  // Appwrite reads none, so whatever it holds is meant for Studio or for a proxy.
  'authorization',
  // Set anew below, or part of administering Appwrite.
  'cookie', 'x-fallback-cookies', 'x-appwrite-project', 'x-appwrite-mode', 'x-appwrite-user', 'x-appwrite-organization',
  // Who asks is for us to say.
  'forwarded', 'via', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'cf-connecting-ip', 'fastly-client-ip', 'x-original-url', 'x-rewrite-url',
]);

interface Facts {
  project: string | null;
  ip: string | null;
  /** The address that apps use. */
  publicUrl: URL;
}

/** What Appwrite is told: the client's own headers without those that are not for it, and the facts that were checked. */
export function requestHeaders(headers: IncomingHttpHeaders, { project, ip, publicUrl }: Facts): OutgoingHttpHeaders {
  const sent: OutgoingHttpHeaders = {};
  const named = namedByConnection(headers.connection);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.has(name) && !named.has(name) && !name.startsWith('x-forwarded-')) sent[name] = value;
  }
  if (project !== null) Object.assign(sent, { 'x-appwrite-project': project }, sessionsOf(headers, project));
  // With both Node's parser refuses the request, so at most one of them says where the body ends.
  if (headers['content-length'] !== undefined) sent['content-length'] = headers['content-length'];
  else if (headers['transfer-encoding'] !== undefined) sent['transfer-encoding'] = 'chunked';
  if (ip !== null) sent['x-forwarded-for'] = ip;
  sent['x-forwarded-proto'] = publicUrl.protocol.slice(0, -1);
  sent['x-forwarded-host'] = publicUrl.host;
  return sent;
}

export function hasBody({ 'content-length': length, 'transfer-encoding': encoding }: IncomingHttpHeaders): boolean {
  return encoding !== undefined || (length !== undefined && length !== '0');
}

/** What a `Connection` header declares to be of this connection alone. */
export function namedByConnection(connection: string | undefined): ReadonlySet<string> {
  return new Set((connection ?? '').toLowerCase().split(',').map((name) => name.trim()));
}

/** The end user's session in this project, and no other cookie: those of Studio and of other projects come from the same browser. */
function sessionsOf(headers: IncomingHttpHeaders, project: string): OutgoingHttpHeaders {
  const names = sessionNames(project);
  const cookies = (headers.cookie ?? '').split(';').map((pair) => pair.trim()).filter((pair) => names.includes(pair.split('=', 1)[0] ?? ''));
  const fallback = Object.entries(parseObject(headers['x-fallback-cookies'])).filter(([name]) => names.includes(name));
  return {
    ...(cookies.length === 0 ? {} : { cookie: cookies.join('; ') }),
    ...(fallback.length === 0 ? {} : { 'x-fallback-cookies': JSON.stringify(Object.fromEntries(fallback)) }),
  };
}

export function sessionNames(project: string): readonly string[] {
  return [`a_session_${project}`, `a_session_${project}_legacy`];
}

export function parseObject(text: string | string[] | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(text ?? '{}'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
