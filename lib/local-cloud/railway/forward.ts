import { request as ask, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** Where a request goes on to, and how it is told there. */
export interface Onward {
  connect(): Promise<Socket>;
  path: string;
  headers: IncomingHttpHeaders;
}

/** Passes a request on by a connection of its own: a kept one could be closed by the other side just as it is used. */
export async function forwardRequest(request: IncomingMessage, response: ServerResponse, { connect, path, headers }: Onward): Promise<void> {
  const connection = await connect().catch(() => undefined);
  if (connection === undefined) return refuse(response);
  if (response.destroyed) return void connection.destroy();
  const onward = ask({ createConnection: () => connection, method: request.method, path, headers });
  onward.once('response', (answer) => {
    // The other side's own words for a status are not passed on: what Node would not write back must not end this process.
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
  response.once('close', () => {
    onward.destroy();
    connection.destroy();
  });
  // The other side may answer before it has read everything; the answer is still worth passing on.
  request.on('error', () => onward.destroy());
  request.pipe(onward);
}

export async function forwardUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, { connect, path, headers }: Onward): Promise<void> {
  socket.on('error', () => socket.destroy());
  const onward = await connect().catch(() => undefined);
  if (onward === undefined || socket.destroyed) {
    onward?.destroy();
    return void socket.destroy();
  }
  const entries = Object.entries({ ...headers, connection: 'Upgrade', upgrade: request.headers.upgrade ?? '' });
  const lines = entries.flatMap(([name, value]) => (Array.isArray(value) ? value : [value ?? '']).map((one) => `${name}: ${one}`));
  onward.write(`${request.method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  onward.write(head);
  pipeline(socket, onward, socket, () => undefined);
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** The headers of a request as they go on. The framing of its body is Node's to choose anew, and kept when it is chunked. */
export function headersOf(request: IncomingMessage): IncomingHttpHeaders {
  const chunked = request.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };
  return { ...withoutHops(request.headers), ...chunked };
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set((headers.connection ?? '').toLowerCase().split(',').map((name) => name.trim()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.has(name)));
}

export function refuse(response: ServerResponse): void {
  response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'error', code: 502, message: 'Application failed to respond' }));
}
