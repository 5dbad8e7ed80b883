import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { setTimeout as sleep } from 'node:timers/promises';
import { authenticate, type Asked } from './actor';
import { ConnectionCut } from './connection-cut';
import { APPWRITE_VERSION, AppwriteError } from './errors';
import type { Effect } from './faults';
import { faultRoutes } from '../fault-routes';
import { errorResponse, isOlder, readBody, readQuery, refusalOfPostgres, toResponse, withCommonHeaders, withHeaders } from './http';
import { RecordedLatency } from './latency';
import { answerUnknown, notFoundPage } from './not-found';
import { Input } from './params';
import type { Platform } from './platform';
import { rateLimitHeaders } from './rate-limit';
import type { Call, Route } from './route';
import { routes } from './routes/all';

type Env = { Bindings: Partial<HttpBindings>; Variables: { tablesBeforeDeath?: number } };

export function createApp(platform: Platform, options: { allowFaults: boolean; log: (line: string) => void }): Hono<Env> {
  const app = new Hono<Env>();
  const latency = new RecordedLatency();

  if (options.allowFaults) app.route('/_faults', faultRoutes(platform.faults));
  app.use('/v1/*', async (c, next) => {
    const { method, path } = c.req;
    const started = performance.now();
    const work = () => strike(c, platform.faults.strike(method, path), next);
    let cut = true;
    try {
      await (platform.faults.settings.latency === 'recorded' ? latency.stretch(method, path, work) : work());
      cut = c.error instanceof ConnectionCut;
    } finally {
      const ms = Math.round((performance.now() - started) * 10) / 10;
      platform.faults.record({ at: new Date().toISOString(), method, path, status: cut ? 0 : c.res.status, ms });
    }
  });
  app.options('/v1/*', (c) => withCommonHeaders(c.req.raw, new Response(null, { status: 204 })));
  for (const route of routes) app.on(route.method, route.path, async (c) => withCommonHeaders(c.req.raw, await serve(c, platform, route)));
  app.notFound((c) => withCommonHeaders(c.req.raw, answerUnknown(c.req.path)));
  app.onError((error, c) => {
    if (error instanceof ConnectionCut) c.env.incoming?.socket.destroy();
    else if (!(error instanceof AppwriteError) && refusalOfPostgres(error) === undefined) options.log(`${c.req.method} ${c.req.path}: ${error.message}`);
    return withCommonHeaders(c.req.raw, errorResponse(error));
  });
  return app;
}

/** Lets the request meet its fault: before, instead of, or after the work. */
async function strike(c: Context<Env>, effect: Effect | undefined, next: () => Promise<void>): Promise<void> {
  switch (effect?.kind) {
    case undefined: return next();
    case 'delay':
      await sleep(effect.ms);
      return next();
    case 'hang':
      // Ends when the client gives up: nothing else would.
      await new Promise<void>((resolve) => (c.env.outgoing === undefined ? resolve() : c.env.outgoing.once('close', () => resolve())));
      throw new ConnectionCut('hang');
    case 'cut':
      if (effect.when === 'after') await next();
      throw new ConnectionCut(`cut ${effect.when}`);
    case 'rate-limit':
      c.res = errorResponse(new AppwriteError('general_rate_limit_exceeded'));
      c.res.headers.set('retry-after', String(effect.retryAfterSeconds));
      return;
    case 'server-error':
      c.res = effect.as === 'json'
        ? errorResponse(new AppwriteError('general_unknown'))
        : new Response(JSON.stringify({ message: 'Error: Server Error', code: 500, version: APPWRITE_VERSION }), { status: 500, headers: { 'content-type': 'text/html' } });
      return;
    case 'conflict':
      c.res = errorResponse(new AppwriteError('project_already_exists'));
      return;
    case 'not-found-page':
      c.res = notFoundPage();
      return;
    case 'die-mid-create':
      c.set('tablesBeforeDeath', effect.tables);
      return next();
  }
}

async function serve(c: Context<Env>, platform: Platform, route: Route): Promise<Response> {
  const body = await readBody(c.req.raw);
  const query = readQuery(c.req.url);
  const asked: Asked = {
    header: (name) => c.req.header(name),
    query: (name) => c.req.query(name),
    pathProjectId: c.req.param('projectId'),
    bodyTeamId: typeof body.teamId === 'string' ? body.teamId : undefined,
    ownHost: new URL(c.req.url).hostname,
  };
  const limits = rateLimitHeaders(route.limit);
  try {
    const credentials = await authenticate(platform, asked, route);
    const call: Call = {
      ...credentials,
      platform,
      input: new Input(c.req.method === 'GET' ? query : { ...query, ...body }),
      request: c.req.raw,
      ip: c.env.incoming?.socket.remoteAddress ?? '127.0.0.1',
      path: (name) => c.req.param(name) ?? '',
      tablesBeforeDeath: c.get('tablesBeforeDeath'),
      before: (version) => isOlder(c.req.header('x-appwrite-response-format'), version),
    };
    try {
      return withHeaders(toResponse(await route.handle(call)), limits);
    } catch (error) {
      if (error instanceof AppwriteError) return withHeaders(errorResponse(error), limits);
      throw error;
    }
  } catch (error) {
    if (error instanceof AppwriteError) return errorResponse(error);
    throw error;
  }
}
