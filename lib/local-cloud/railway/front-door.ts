import { createServer, request as ask, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { listening } from './ports';

const HOST = '127.0.0.1';
const RETRY_MS = 2000;

/** Where requests go: an app's port and the count of those it has not finished. */
export interface Target {
  port: number;
  open: number;
}

/** The address of a service. It stays while apps behind it come and go, so a change of app loses no request. */
export class FrontDoor {
  readonly port: number;
  target: Target | undefined;
  readonly #server: Server;
  #retry: NodeJS.Timeout | undefined;

  constructor(port: number) {
    this.port = port;
    this.#server = createServer((request, response) => this.#pass(request, response));
    this.#server.on('upgrade', (request, socket: Socket, head) => this.#passUpgrade(request, socket, head));
  }

  /** Tries again until the port is free: the address was promised and no other one will do. */
  async open(log: (line: string) => void): Promise<void> {
    try {
      await listening(this.#server, this.port, HOST);
    } catch (error) {
      log(`Railway stand-in: port ${this.port} of a service is taken (${error instanceof Error ? error.message : 'unknown'}); trying again.`);
      this.#retry = setTimeout(() => void this.open(log), RETRY_MS);
      this.#retry.unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { target } = this;
    if (target === undefined) return refuse(response);
    target.open += 1;
    response.once('close', () => { target.open -= 1; });
    // A connection for each request: a kept one could be closed by a departing app just as it is used.
    const onward = ask({ host: HOST, port: target.port, method: request.method, path: request.url, headers: forwarded(request), agent: false });
    onward.once('response', (answer) => {
      // The app's own words for a status are not passed on: what Node would not write back must not end this process.
      const status = answer.statusCode ?? 0;
      if (status < 200 || status > 599) {
        onward.destroy();
        return refuse(response);
      }
      response.writeHead(status, withoutHops(answer.headers));
      pipeline(answer, response, () => undefined);
    });
    // Nobody asked for another protocol here.
    onward.once('upgrade', (_answer, socket) => {
      socket.destroy();
      refuse(response);
    });
    onward.once('error', () => (response.headersSent ? response.destroy() : refuse(response)));
    response.once('close', () => onward.destroy());
    // An app may answer before it has read everything; the answer is still worth passing on.
    request.on('error', () => onward.destroy());
    request.pipe(onward);
  }

  #passUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { target } = this;
    if (target === undefined) return void socket.destroy();
    const onward = connect(target.port, HOST, () => {
      const headers = Object.entries({ ...forwarded(request), connection: 'Upgrade', upgrade: request.headers.upgrade ?? '' });
      const lines = headers.flatMap(([name, value]) => (Array.isArray(value) ? value : [value ?? '']).map((one) => `${name}: ${one}`));
      onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      pipeline(socket, onward, socket, () => undefined);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  }
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** The framing of a body is Node's to choose anew on each side. */
function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set((headers.connection ?? '').toLowerCase().split(',').map((name) => name.trim()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.has(name)));
}

/** Who asks is known here and nowhere before: what a caller wrote about it does not count. */
function forwarded(request: IncomingMessage): IncomingHttpHeaders {
  const address = request.socket.remoteAddress ?? HOST;
  const chunked = request.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };
  return {
    ...withoutHops(request.headers), ...chunked,
    'x-forwarded-for': address, 'x-real-ip': address, 'x-forwarded-proto': 'http', 'x-forwarded-host': request.headers.host ?? '',
  };
}


function refuse(response: ServerResponse): void {
  response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'error', code: 502, message: 'Application failed to respond' }));
}
