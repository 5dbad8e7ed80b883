import { Hono, type Context } from 'hono';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Allowance } from '@/lib/adapters/limits/limits';
import { contextFor, type Composition } from '@/lib/composition';
import type { Env } from '@/lib/env';
import { organizationVersionKey } from '@/lib/identity/access/freshness';
import { locatedOrganization } from '@/lib/identity/access/within';
import { actorId, type Actor } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { answerOf, createAnswerCache, etagOf, versionToken, type Answer, type AnswerCache } from './answer-cache';
import { readCredentials, type Credentials } from './authenticate';
import { clientIp } from './client-ip';
import { createCrowd, tooMuch, type Crowd } from './crowd';
import { isKept, Raw, Reply, type Door, type Request } from './door';
import { once, readKey, refuseKey } from './idempotency';
import { addressKey, identify, renewedCookie, tooMany } from './identify';
import { noEarlierThan } from './no-earlier';
import { demandSameOrigin } from './origin';
import { problemOf, problemResponse } from './problem';
import { problemGuidePage, problemGuidePath } from './problem-guide';
import { readText } from './read-text';
import { send } from './send';

/** What `@hono/node-server` passes along: the node request, for the socket's address, and where the answer goes. */
interface Bindings {
  incoming?: IncomingMessage;
  outgoing?: ServerResponse;
}

/** `always` are the headers of the answer to this request, a refusal's too: what holds for both comes first, and what only a success says is added when nothing can be refused any more. */
type Variables = { requestId: string; always: Record<string, string> };
export type ApiEnvironment = { Bindings: Bindings; Variables: Variables };

/** As long as the slowest read takes that waits for nobody. */
const readsAreBusyForMs = 100;

/** The API: every door below `/api/v1`, and the same doors below the other path families. Its errors are for the application around it, see `answerProblems`. */
export function createApi(composition: Composition, doors: readonly Door[], families: readonly string[]): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  const answers = createAnswerCache();
  const crowd = createCrowd({ kind: 'api', ...composition.ports, busyForMs: readsAreBusyForMs });
  app.get(problemGuidePath, problemGuidePage);
  for (const family of families) {
    for (const definition of doors) {
      const answer = (c: Context<ApiEnvironment>) => serve(composition, answers, definition, c);
      const handle = definition.method === 'get' ? (c: Context<ApiEnvironment>) => inTurn(composition, crowd, c, () => answer(c)) : answer;
      app.on(definition.method.toUpperCase(), family + definition.path.replaceAll(/\{(\w+)\}/g, ':$1'), handle);
    }
  }
  return app;
}

/** Sets how an application answers errors and unknown routes: the outermost one, because a mounted one's own answers end where its routes do, and cost each of its requests a wrapper. */
export function answerProblems(app: Hono<ApiEnvironment>, { log }: Composition, doors: readonly Door[], families: readonly string[]): void {
  const routes = families.flatMap((family) => doors.map(({ method, path }) => ({ method: method.toUpperCase(), pattern: new RegExp(`^${family}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) })));
  app.onError((error, c) => problemResponse(error, { requestId: c.get('requestId') ?? randomUUID(), instance: c.req.path, log, headers: c.get('always') }));
  app.notFound((c) => {
    const answer = { requestId: randomUUID(), instance: c.req.path, log };
    const methods = routes.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method);
    if (methods.length === 0) return problemResponse(new AppError('not_found', `There is nothing at ${c.req.path.slice(0, 200)}. The API reference is at /api/docs.`), answer);
    const allowed = [...new Set(methods)].join(', ');
    return problemResponse(new AppError('method_not_allowed', `This address answers ${allowed}.`), { ...answer, headers: { allow: allowed } });
  });
}

async function inTurn({ env }: Composition, crowd: Crowd, c: Context<ApiEnvironment>, read: () => Promise<Response>): Promise<Response> {
  const entered = crowd.enter({ from: () => addressKey(addressOf(c, env)), isGone: () => c.env?.outgoing?.destroyed === true });
  const place = entered instanceof Promise ? await entered : entered;
  if (place === null) return refuseInCrowd(c);
  try {
    return await read();
  } finally {
    crowd.leave(place);
  }
}

function addressOf(c: Context<ApiEnvironment>, { TRUSTED_PROXY_HOPS }: Env): string | null {
  return clientIp(c.req.header('x-forwarded-for'), c.env?.incoming?.socket?.remoteAddress, TRUSTED_PROXY_HOPS);
}

/** A refusal that is no failure of any one request: nothing is logged for it, the crowd tells of all of them together. */
function refuseInCrowd(c: Context<ApiEnvironment>): Response {
  const requestId = randomUUID();
  const { body, status, headers } = problemOf(tooMuch, { requestId, instance: c.req.path });
  return send(c.env?.outgoing, status, body, headers);
}

async function serve(composition: Composition, answers: AnswerCache, definition: Door, c: Context<ApiEnvironment>): Promise<Response> {
  const arrivedMs = performance.now();
  const { env } = composition;
  const requestId = randomUUID();
  const headers: Record<string, string> = { 'x-request-id': requestId, 'cache-control': 'private, no-store' };
  c.set('requestId', requestId);
  c.set('always', headers);
  const outgoing = c.env?.outgoing;
  const header = (name: string) => c.req.header(name);
  const ip = addressOf(c, env);
  const credentials = readCredentials(header, env.STUDIO_URL);
  const request: Request = { params: c.req.param(), query: c.req.query(), body: undefined, cookies: header('cookie') };
  const versionKey = versionKeyFor(definition, request);
  // Together, so that they share one round trip to Redis.
  const [{ allowance, allowed }, caller, version] = await Promise.all([
    composition.ports.limits.request(callerKey(credentials, ip)).then((counted) => {
      tellAllowance(headers, counted.allowance);
      return counted;
    }),
    identify(composition, credentials, requestId, ip),
    versionKey === null ? null : versionToken(composition.ports.cache, versionKey),
  ]);
  const { actor } = caller;
  if (!allowed) throw tooMany(allowance);
  demandSameOrigin({ method: c.req.method, header, byCookie: credentials.cookie !== undefined }, env.STUDIO_URL);
  if (actor.kind === 'anonymous' && definition.open !== true) throw new AppError('unauthenticated', 'Sign in, or send an API key or access token as Authorization: Bearer.');

  // Most requests have nothing to renew, and need no turn of their own to hear it.
  if (caller.due !== null) Object.assign(headers, await renewedCookie(composition, caller, requestId));

  const ctx = contextFor(composition, { actor, requestId, ip, userAgent: header('user-agent') ?? null });

  if (definition.cachedFor !== undefined) {
    const key = version === null ? null : `${callerOf(actor)}|${c.req.url}|${version}`;
    const known = key === null ? undefined : answers.find(key);
    if (known !== undefined) return conditional(outgoing, known, header('if-none-match'), definition.status, headers);
    const body = asText(await definition.run(ctx, request));
    const answer = answerOf(body, nextPage(body, c.req.url));
    if (key !== null) answers.keep(key, answer);
    return conditional(outgoing, answer, header('if-none-match'), definition.status, headers);
  }

  const run = (): Promise<unknown> => (definition.floorMs === undefined ? definition.run(ctx, request) : noEarlierThan<unknown>(definition.floorMs, arrivedMs, () => definition.run(ctx, request)));
  const keyHeader = definition.method === 'post' ? header('idempotency-key') : undefined;
  if (keyHeader !== undefined && !isKept(definition)) throw refuseKey();
  const text = definition.method === 'get' ? '' : await readText(c.req.raw, c.env?.incoming);
  request.body = readBody(definition, text, header('content-type'));
  const key = readKey(keyHeader);
  if (key === null) return respond(outgoing, definition, await run(), headers, c.req.url);
  const stored = await once(ctx, { key, method: c.req.method, path: c.req.path, body: text }, async () => ({ status: definition.status, body: asText(await run()) }));
  if (stored.replayed) headers['idempotency-replayed'] = 'true';
  return sendJson(outgoing, stored.body, stored.status, headers);
}

function tellAllowance(headers: Record<string, string>, { policy, quota, windowSeconds, remaining, resetSeconds }: Allowance): void {
  headers['ratelimit-policy'] = `"${policy}";q=${quota};w=${windowSeconds}`;
  headers['ratelimit'] = `"${policy}";r=${remaining};t=${resetSeconds}`;
}

function versionKeyFor(definition: Door, request: Request): string | null {
  const organization = definition.cachedFor?.(request)?.organization;
  const organizationId = organization === undefined ? undefined : locatedOrganization(organization);
  return organizationId === undefined ? null : organizationVersionKey(organizationId);
}

/** A token bound to one organization sees less than the cookie of the same person, so they share no answers. */
function callerOf(actor: Actor): string {
  const bound = actor.kind === 'user' ? actor.organizationId : undefined;
  return `${actor.kind}|${actorId(actor)}|${bound ?? ''}`;
}

/** Who a request counts for: the credential when there is one, the address otherwise. */
function callerKey({ cookie, bearer }: Credentials, ip: string | null): string {
  const credential = bearer ?? cookie;
  return credential === undefined ? addressKey(ip) : `c:${etagOf(credential)}`;
}

function readBody(definition: Door, text: string, contentType: string | undefined): unknown {
  if (definition.body === undefined) {
    if (text.trim() !== '' && text.trim() !== '{}') throw new AppError('malformed_request', 'This request takes no body.');
    return undefined;
  }
  if (contentType?.split(';')[0]?.trim() !== 'application/json') throw new AppError('malformed_request', 'Send the body as JSON, with Content-Type: application/json.');
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch (cause) {
    throw new AppError('malformed_request', 'The body is not valid JSON.', { cause });
  }
}

function respond(outgoing: ServerResponse | undefined, definition: Door, result: unknown, headers: Record<string, string>, url: string): Response {
  if (result instanceof Raw) return new Response(result.body, { status: definition.status, headers: { ...headers, ...result.headers } });
  if (result instanceof Reply) return sendJson(outgoing, asText(result.body), definition.status, Object.assign(headers, result.headers));
  const body = asText(result);
  return sendJson(outgoing, body, definition.status, Object.assign(headers, nextPage(body, url)));
}

/** Hot lists come out of the database as JSON text already; everything else is serialized here. */
function asText(result: unknown): string {
  if (typeof result === 'string') return result;
  return result === undefined || result === null ? '' : JSON.stringify(result);
}

function sendJson(outgoing: ServerResponse | undefined, body: string | Buffer<ArrayBuffer>, status: number, headers: Record<string, string>): Response {
  if (status === 204 || body.length === 0) return send(outgoing, status, null, headers);
  headers['content-type'] = 'application/json; charset=utf-8';
  return send(outgoing, status, body, headers);
}

/** Lists name the address of their next page (RFC 8288) besides the cursor in the body, which ends with it. */
function nextPage(body: string, url: string): Record<string, string> {
  const cursor = body.endsWith('"}') ? /"next_cursor":"([\w-]+)"\}$/.exec(body.slice(-2_100))?.[1] : undefined;
  if (cursor === undefined) return {};
  const next = new URL(url);
  next.searchParams.set('cursor', cursor);
  return { link: `<${next.pathname}${next.search}>; rel="next"` };
}

function conditional(outgoing: ServerResponse | undefined, { body, etag, headers: own }: Answer, asked: string | undefined, status: number, headers: Record<string, string>): Response {
  // Kept by nobody but the asking browser, and only to be compared.
  Object.assign(headers, own);
  headers['etag'] = etag;
  headers['cache-control'] = 'private, no-cache';
  if (asked !== undefined && asked.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) return send(outgoing, 304, null, headers);
  return sendJson(outgoing, body, status, headers);
}
