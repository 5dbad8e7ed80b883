import { Hono, type Context } from 'hono';
import { randomUUID } from 'node:crypto';
import type { Ctx } from '@/lib/context';
import { contextFor, type Composition } from '@/lib/composition';
import { followLogs } from '@/lib/deployments/log/follow-logs';
import type { LogLine } from '@/lib/deployments/log/schemas';
import { actorId } from '@/lib/kernel/actor';
import { AppError, isAppError } from '@/lib/kernel/errors';
import type { ApiEnvironment } from './api';
import { readCredentials } from './authenticate';
import { clientIp } from './client-ip';
import { identify } from './identify';
import { problemResponse } from './problem';
import { createStreamSlots, type StreamSlots } from './stream-slots';
import { textStream } from './text-stream';

export interface LogRoutes {
  routes: Hono<ApiEnvironment>;
  /** Ends every open stream, for a process that stops. */
  close(): void;
}

const limits = { perCaller: 10, perProcess: 500 };

export const logStreamPath = '/projects/:project/deployments/:deployment/logs/stream';

/**
 * `GET …/deployments/{deployment}/logs/stream?kind=build|runtime`: server-sent events `lines`, each a JSON array with
 * the time of its last line as id, from `Last-Event-ID` on, and `end` when no more will come.
 */
export function logRoutes(composition: Composition, slots: StreamSlots = createStreamSlots(limits)): LogRoutes {
  const closing = new AbortController();
  const routes = new Hono<ApiEnvironment>();
  for (const family of ['/api/v1', '/api/platform'] as const) {
    routes.get(`${family}${logStreamPath}`, async (c) => {
      const requestId = randomUUID();
      try {
        return await open(c, requestId, { project: c.req.param('project'), deployment: c.req.param('deployment') });
      } catch (error) {
        return problemResponse(error, { requestId, instance: c.req.path, log: composition.log });
      }
    });
  }

  async function open(c: Context<ApiEnvironment>, requestId: string, { project, deployment }: { project: string; deployment: string }): Promise<Response> {
    const credentials = readCredentials((name) => c.req.header(name), composition.env.STUDIO_URL);
    const ip = clientIp(c.req.header('x-forwarded-for'), c.env?.incoming?.socket?.remoteAddress, composition.env.TRUSTED_PROXY_HOPS);
    const { actor } = await identify(composition, credentials, requestId, ip);
    if (actor.kind === 'anonymous') throw new AppError('unauthenticated', 'Sign in to follow a log.');
    const ctx = contextFor(composition, { actor, requestId, ip });
    const since = c.req.header('last-event-id') ?? c.req.query('since');
    const ending = new AbortController();
    const release = slots.take(actorId(actor) ?? actor.kind);
    const close = () => {
      ending.abort();
      release();
    };
    // Before anything is waited for: whoever leaves meanwhile is heard.
    c.env?.outgoing?.once('close', close);
    try {
      const lines = followLogs(ctx, project, deployment, { kind: c.req.query('kind'), since }, AbortSignal.any([ending.signal, closing.signal]));
      // Refusals come with their own status, as long as nothing was sent.
      const first = await lines.next();
      return new Response(textStream(events(ctx, first.value ?? [], lines, close), close), {
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'private, no-store', 'x-accel-buffering': 'no', 'x-request-id': requestId },
      });
    } catch (error) {
      close();
      throw error;
    }
  }
  return { routes, close: () => closing.abort() };
}

async function* events(ctx: Ctx, first: LogLine[], rest: AsyncGenerator<LogLine[]>, close: () => void): AsyncGenerator<string> {
  try {
    yield 'retry: 1000\n: connected\n\n';
    yield eventOf(first);
    for await (const lines of rest) yield eventOf(lines);
    yield 'event: end\ndata: {}\n\n';
  } catch (error) {
    // The browser comes again by itself, and hears then by a status whether it may.
    if (!isAppError(error)) ctx.log.warn({ err: error, request_id: ctx.requestId }, 'a log could not be followed');
  } finally {
    close();
  }
}

/** Nothing to tell is told too: a proxy may close what is silent for long. */
function eventOf(lines: readonly LogLine[]): string {
  const last = lines.at(-1);
  return last === undefined ? ': still here\n\n' : `id: ${last.at}\nevent: lines\ndata: ${JSON.stringify(lines)}\n\n`;
}
