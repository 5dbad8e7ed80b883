import { Agent, request as requestHttp, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions, type ServerResponse } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import { pipeline, type Transform } from 'node:stream';
import { hasBody } from './request-headers';
import { Refusal, unavailable } from './refusal';

export interface Patience {
  /** Until a connection to Appwrite stands. */
  connectMs: number;
  /** Without a byte in either direction. */
  idleMs: number;
}

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  headers: OutgoingHttpHeaders;
  /** What the body passes through. */
  check: Transform;
  answerHeaders(upstream: IncomingMessage): OutgoingHttpHeaders;
}

export type Forward = (exchange: Exchange) => Promise<void>;

/** Opens a request to either kind of address. */
export function open(url: URL, options: RequestOptions): ClientRequest {
  return url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
}

/**
 * Passes requests on, both bodies as they come: what one side cannot take yet the other does not send. Settles with
 * the head of the answer; rejects with a refusal while nothing was answered.
 */
export function createForward(patience: Patience): Forward {
  const options = { keepAlive: true, maxFreeSockets: 64, timeout: 30_000 };
  const agents = { 'http:': new Agent(options), 'https:': new SecureAgent(options) };

  /**
   * Only what changes nothing takes a connection that was used before: Appwrite may close it at that moment, and such
   * a request is simply sent again.
   */
  return async (exchange) => {
    const { request, url } = exchange;
    const repeatable = !hasBody(request.headers) && ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '');
    if (!repeatable) return attempt(exchange, patience, false);
    try {
      await attempt(exchange, patience, url.protocol === 'https:' ? agents['https:'] : agents['http:']);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      await attempt(exchange, patience, false);
    }
  };
}

class StaleConnection extends Error {}

function attempt({ request, response, url, headers, check, answerHeaders }: Exchange, patience: Patience, agent: Agent | false): Promise<void> {
  return new Promise((resolve, reject) => {
    // Whoever asked may have left while the project was looked up.
    if (response.closed) return resolve();
    const outgoing = open(url, { method: request.method ?? 'GET', headers, agent });
    const fail = (error: Error): void => {
      outgoing.destroy();
      request.unpipe(check);
      if (response.headersSent) response.destroy();
      else reject(error);
    };
    limitConnect(outgoing, patience.connectMs, () => fail(unavailable(new Error('Appwrite took no connection in time'))));
    outgoing.setTimeout(patience.idleMs, () => fail(new Refusal('general_gateway_timeout', 'The backend of this project did not answer in time. Look whether the change was made before you try again.')));
    outgoing.on('error', (error) => {
      // An answer that came before the whole body did is complete in itself.
      if (!response.headersSent) fail(outgoing.reusedSocket ? new StaleConnection('closed while idle', { cause: error }) : unavailable(error));
    });
    response.once('close', () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    outgoing.once('response', (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, answerHeaders(upstream));
      response.flushHeaders();
      // Whichever side ends early takes the other along; there is nobody left to tell.
      pipeline(upstream, response, () => undefined);
      resolve();
    });
    if (!hasBody(request.headers)) {
      outgoing.end();
      return;
    }
    check.once('error', fail);
    request.pipe(check).pipe(outgoing);
  });
}

/** Calls back once when the connection does not stand in time. */
export function limitConnect(outgoing: ClientRequest, withinMs: number, late: () => void): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(late, withinMs);
    for (const event of ['connect', 'close', 'error'] as const) socket.once(event, () => clearTimeout(timer));
  });
}
