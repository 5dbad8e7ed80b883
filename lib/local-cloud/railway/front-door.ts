import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { forwardRequest, forwardUpgrade, headersOf, refuse, type Onward } from './forward';
import { listening } from './ports';

const HOST = '127.0.0.1';
const RETRY_MS = 2000;

/** Where requests go: a way to an app and the count of those it has not finished. */
export interface Target {
  connect(): Promise<Socket>;
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
    this.#server.on('upgrade', (request, socket: Socket, head) => {
      if (this.target === undefined) socket.destroy();
      else void forwardUpgrade(request, socket, head, onwardTo(this.target, request));
    });
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
    void forwardRequest(request, response, onwardTo(target, request));
  }
}

/** Who asks is known here and nowhere before: what a caller wrote about it does not count. */
function onwardTo({ connect }: Target, request: IncomingMessage): Onward {
  const address = request.socket.remoteAddress ?? HOST;
  const from = { 'x-forwarded-for': address, 'x-real-ip': address, 'x-forwarded-proto': 'http', 'x-forwarded-host': request.headers.host ?? '' };
  return { connect, path: request.url ?? '/', headers: { ...headersOf(request), ...from } };
}
