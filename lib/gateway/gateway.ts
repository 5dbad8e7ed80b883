import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Composition } from '@/lib/composition';
import { clientIp } from '@/lib/http/client-ip';
import { addressKey, tooMany } from '@/lib/http/identify';
import { createStreamSlots, type StreamLimits } from '@/lib/http/stream-slots';
import { admit, type Admitted } from './admit';
import { bodyCheck, tooLarge } from './body-check';
import { gatewayUrl, namesGateway, standsApart } from './endpoint';
import { createForward, type Patience } from './forward';
import { joinRealtime, refuseUpgrade } from './realtime';
import { asRefusal, noSuchProject, Refusal, sendRefusal, unavailable } from './refusal';
import { requestHeaders } from './request-headers';
import { responseHeaders } from './response-headers';
import { createUpstreams } from './upstreams';

export interface Gateway {
  /** Whether a request is the gateway's to answer. Asked before anything touches its address. */
  takes(request: IncomingMessage): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Ends realtime connections, which would outlive the server otherwise. */
  close(): void;
}

interface GatewayOptions {
  patience?: Partial<Patience>;
  realtime?: StreamLimits;
}

/** An unread body is taken for this long after a refusal, so that the refusal is heard before the connection ends. */
const lingerMs = 1_000;
const versioned = /^\/v1(?=[/?]|$)/;
const realtimePath = '/v1/realtime';

/** The public way to Appwrite: `/v1/*`, passed on to the instance of the project that is asked for. */
export function createGateway({ env, log, ports }: Composition, { patience: changes = {}, realtime: limits = { perCaller: 100, perProcess: 5_000 } }: GatewayOptions = {}): Gateway {
  const patience: Patience = { connectMs: 3_000, idleMs: env.GATEWAY_IDLE_SECONDS * 1_000, ...changes };
  const publicUrl = gatewayUrl(env);
  const apart = standsApart(env);
  const maxBytes = env.GATEWAY_BODY_LIMIT_MB === undefined ? null : env.GATEWAY_BODY_LIMIT_MB * 1024 * 1024;
  const upstreams = createUpstreams(ports);
  const slots = createStreamSlots(limits);
  const sockets = new Set<Duplex>();
  const forward = createForward(patience);

  /** Checks, counts, and finds where the request goes. */
  async function lead(request: IncomingMessage, ip: string | null): Promise<Admitted & { url: URL }> {
    const target = request.url ?? '/';
    if ((apart && !namesGateway(env, request.headers.host)) || !versioned.test(target)) throw new Refusal('general_route_not_found', `There is nothing here. Apps reach their backend at ${publicUrl.origin}/v1.`);
    const admitted = admit({ method: request.method ?? 'GET', target, headers: request.headers });
    const endpoint = await upstreams.find(admitted.project, ip);
    if (endpoint === null) throw admitted.project === null ? unavailable() : noSuchProject();
    const { allowance, allowed } = await ports.limits.request(`gateway:${admitted.project ?? 'preflight'}:${addressKey(ip)}`);
    if (!allowed) throw tooMany(allowance);
    const inner = admitted.path === realtimePath ? realtimeEndpoint(endpoint) : endpoint;
    return { ...admitted, url: new URL(inner + admitted.path.slice('/v1'.length) + admitted.query) };
  }

  /** Some run Appwrite's realtime as a service with an address of its own. */
  function realtimeEndpoint(endpoint: string): string {
    const { APPWRITE_PLATFORM_ENDPOINT: platform, APPWRITE_PLATFORM_REALTIME_ENDPOINT: realtime } = env;
    const own = platform !== undefined && new URL(platform).host === new URL(endpoint).host;
    return own && realtime !== undefined ? realtime.replace(/\/+$/, '') : endpoint;
  }

  function ipOf(request: IncomingMessage): string | null {
    return clientIp(request.headers['x-forwarded-for']?.toString(), request.socket.remoteAddress, env.TRUSTED_PROXY_HOPS);
  }

  /** One line for each request; of its address the path alone, for queries carry keys and tokens. */
  function record(request: IncomingMessage, requestId: string, startedMs: number, facts: object): void {
    const path = (request.url ?? '/').split('?', 1)[0]?.slice(0, 200);
    log.info({ access: 'gateway', method: request.method, path, ms: Math.round(performance.now() - startedMs), request_id: requestId, ...facts }, 'gateway access');
  }

  function refusalOf(error: unknown, requestId: string): Refusal {
    const refusal = asRefusal(error);
    if (refusal.status >= 500) log.error({ err: refusal.cause ?? refusal, request_id: requestId }, 'the gateway could not pass a request on');
    return refusal;
  }

  return {
    takes: (request) => (apart && namesGateway(env, request.headers.host)) || versioned.test(request.url ?? ''),

    async answer(request, response) {
      const startedMs = performance.now();
      const requestId = randomUUID();
      const ip = ipOf(request);
      let project: string | null = null;
      response.setHeader('x-request-id', requestId);
      response.once('close', () => record(request, requestId, startedMs, { project, status: response.statusCode, ...(response.writableFinished ? {} : { aborted: true }) }));
      try {
        const { url, ...admitted } = await lead(request, ip);
        project = admitted.project;
        if (maxBytes !== null && Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
        await forward({
          request, response, url,
          headers: requestHeaders(request.headers, { project, ip, publicUrl }),
          check: bodyCheck({ contentType: request.headers['content-type'], maxBytes }),
          answerHeaders: (upstream) => responseHeaders(upstream.headers, { status: upstream.statusCode ?? 0, project, upstream: url, publicUrl }),
        });
      } catch (error) {
        if (response.headersSent || response.destroyed) return;
        if (!request.complete) lingerAfter(request);
        sendRefusal(response, refusalOf(error, requestId), request.headers);
      }
    },

    async upgrade(request, socket, head) {
      const startedMs = performance.now();
      const requestId = randomUUID();
      const ip = ipOf(request);
      const facts: { project: string | null; status: number } = { project: null, status: 101 };
      let release: (() => void) | undefined;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      try {
        const { url, project, path } = await lead(request, ip);
        facts.project = project;
        if (path !== realtimePath || request.headers.upgrade?.toLowerCase() !== 'websocket') throw new Refusal('general_route_not_found', `Realtime connections are opened at ${publicUrl.origin}${realtimePath}.`);
        release = slots.take(addressKey(ip));
        await joinRealtime({ socket, head, url, headers: requestHeaders(request.headers, { project, ip, publicUrl }), patience });
      } catch (error) {
        const refusal = refusalOf(error, requestId);
        facts.status = refusal.status;
        refuseUpgrade(socket, refusal, request);
      } finally {
        release?.();
        record(request, requestId, startedMs, facts);
      }
    },

    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function lingerAfter(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMs).unref();
  request.once('end', () => clearTimeout(timer));
}
