import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import next from 'next';
import { doors, families } from '@/app/api/_routes/doors';
import { poolSizes } from '@/db/platform/boot-check';
import { assertSafeDatabase, closeComposition, compose, requestPatienceMs, shareComposition } from '@/lib/composition';
import { readEnv } from '@/lib/env';
import { createGateway } from '@/lib/gateway/gateway';
import { answerProblems, createApi, type ApiEnvironment } from '@/lib/http/api';
import { eventRoutes } from '@/lib/http/events';
import { createHealth } from '@/lib/http/health';
import { logRoutes } from '@/lib/http/log-stream';
import { openNotices } from '@/lib/http/notices';
import { railwayHookRoutes } from '@/lib/http/railway-hook';
import { createPageDoor } from '@/lib/http/page-door';
import { referenceRoutes } from '@/lib/http/reference';
import { contentSecurityPolicy, newNonce, securityHeaders, strictTransport } from '@/lib/http/security-headers';
import { announceReady, createLog } from '@/lib/log';

const stopWithinMs = 25_000;
const arriveWithinMs = 60_000;

const env = readEnv();
const log = createLog(env.LOG_LEVEL, 'server');
const composition = compose(env, log, { poolSize: poolSizes.server, applicationName: 'studio-server', patienceMs: requestPatienceMs });
await assertSafeDatabase(composition);
shareComposition(composition);

const notices = openNotices(composition);
const health = createHealth(composition);
const https = env.STUDIO_URL.startsWith('https:');
const fixedHeaders = Object.entries(https ? { ...securityHeaders, 'strict-transport-security': strictTransport } : securityHeaders);

const front = new Hono<ApiEnvironment>();
answerProblems(front, composition, doors, families);
front.route('/', health.routes);
front.route('/', eventRoutes(composition, notices));
const logs = logRoutes(composition);
front.route('/', logs.routes);
front.route('/', railwayHookRoutes(composition));
front.route('/', referenceRoutes(doors));
front.route('/', createApi(composition, doors, families));
const answerApi = getRequestListener(front.fetch, { overrideGlobalObjects: false });

const gateway = createGateway(composition);

// Next adds a listener of its own to the server it is given, and would see every upgrade; it hears here of those that are for it.
const upgradesOfPages = createServer();
const pages = next({ dev: env.STUDIO_DEV, hostname: env.HOST, port: env.PORT, httpServer: upgradesOfPages });
await pages.prepare();
const renderPage = pages.getRequestHandler();
const admitToPage = createPageDoor(composition);

const ownPaths = /^\/(api|live|ready|metrics)(\/|\?|$)/;
/** What a URL parser would change: dot segments, plain or encoded, empty segments, back slashes, a whole URL. */
const needsNormalizing = /^[^/]|\/\/|\\|\/\.|%2e|%5c|%2f/i;

/** One spelling for each address, so that no other one reaches what stands behind this server. */
function normalize(request: IncomingMessage): void {
  const asked = request.url ?? '/';
  if (!needsNormalizing.test(asked.split('?', 1)[0] ?? '')) return;
  const url = URL.canParse(asked, 'http://studio.invalid') ? new URL(asked, 'http://studio.invalid') : new URL('http://studio.invalid/');
  request.url = url.pathname.replaceAll(/\/{2,}/g, '/') + url.search;
}

let stopping = false;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const startedMs = performance.now();
  // Closed by the answer, no connection is cut while a request is on its way.
  if (stopping) response.setHeader('connection', 'close');
  if (gateway.takes(request)) {
    void gateway.answer(request, response);
    return;
  }
  limitArrival(request);
  normalize(request);
  for (const [name, value] of fixedHeaders) response.setHeader(name, value);
  const kind = ownPaths.test(request.url ?? '') ? 'api' : 'page';
  response.once('close', () => health.observe(kind, response.statusCode, (performance.now() - startedMs) / 1000));
  if (kind === 'api') {
    void answerApi(request, response);
    return;
  }
  const nonce = newNonce();
  const policy = contentSecurityPolicy(nonce, { https, development: env.STUDIO_DEV });
  // Next reads the nonce out of the request's policy and puts it on every script of the page.
  request.headers['content-security-policy'] = policy;
  request.headers['x-nonce'] = nonce;
  request.headers['x-asked-path'] = request.url ?? '/';
  response.setHeader('content-security-policy', policy);
  void answerPage(request, response);
}

async function answerPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (await admitToPage(request, response)) await renderPage(request, response);
}

/** For bodies of Studio's own; uploads to Appwrite take as long as they move, by the gateway's own limits. */
function limitArrival(request: IncomingMessage): void {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, arriveWithinMs);
  request.once('close', () => clearTimeout(timer));
}

const server = createServer(answer);
server.on('upgrade', (request, socket, head) => {
  if (gateway.takes(request)) void gateway.upgrade(request, socket, head);
  else if (!env.STUDIO_DEV || !upgradesOfPages.emit('upgrade', request, socket, head)) socket.destroy();
});
server.keepAliveTimeout = 65_000;
server.headersTimeout = 66_000;
server.requestTimeout = 0;
// Next catches what nobody else does, so a port that is taken would leave a process that serves nothing.
server.once('error', (error) => {
  log.fatal({ err: error }, 'cannot listen');
  log.flush();
  process.exit(1);
});
server.listen(env.PORT, env.HOST, () => announceReady(log, { url: env.STUDIO_URL }));

async function stop(signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  stopping = true;
  health.drain();
  const forced = setTimeout(() => server.closeAllConnections(), stopWithinMs - 2_000);
  await sleep(env.DRAIN_SECONDS * 1_000);
  await notices.close();
  logs.close();
  gateway.close();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(forced);
  await closeComposition(composition);
  log.flush();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
