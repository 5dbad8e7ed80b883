import { createServer, type IncomingMessage } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { forwardRequest, forwardUpgrade, headersOf, type Onward } from './forward';

/** A place outside that processes in a network of their own may reach, under the name and the port that it has outside. */
export interface Endpoint {
  host: string;
  port: number;
  /** Where it is found inside. */
  address: string;
  secure: boolean;
  /** The paths that may be asked for, with all below them; of an encrypted one nothing is seen. */
  paths: string[];
}

/** URLs of one host and port become one endpoint. */
export function toEndpoints(urls: readonly string[]): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const url of urls) {
    const { hostname, port, protocol, pathname } = new URL(url);
    const secure = protocol === 'https:';
    const host = hostname.replace(/^\[|\]$/g, '');
    const number = port === '' ? (secure ? 443 : 80) : Number(port);
    const path = pathname.replace(/\/+$/, '');
    const known = endpoints.find((other) => other.host === host && other.port === number);
    if (known === undefined) endpoints.push({ host, port: number, address: addressOf(host, endpoints.length), secure, paths: [path] });
    else known.paths.push(path);
  }
  return endpoints.filter(({ address, port }, index) => endpoints.findIndex((other) => other.address === address && other.port === port) === index);
}

/** Names that are not this machine's get a loopback address of their own, by a line of the hosts file. */
function addressOf(host: string, index: number): string {
  if (host === 'localhost') return '127.0.0.1';
  return isIP(host) === 0 ? `127.0.1.${index + 1}` : host;
}

export function hostsFile(endpoints: readonly Endpoint[]): string {
  const named = endpoints.filter(({ host, address }) => host !== address && host !== 'localhost');
  return ['127.0.0.1 localhost', ...named.map(({ host, address }) => `${address} ${host}`), ''].join('\n');
}

/** Takes a connection from inside and carries it to the endpoint; a plain one only as far as its paths allow. */
export function carrier(endpoint: Endpoint): (socket: Socket) => void {
  if (endpoint.secure) {
    return (socket) => {
      const onward = connect(endpoint.port, endpoint.host);
      pipeline(socket, onward, socket, () => undefined);
    };
  }
  const server = createServer((request, response) => {
    const onward = onwardTo(endpoint, request);
    if (onward === undefined) response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ message: 'This path cannot be reached from an app.' }));
    else void forwardRequest(request, response, onward);
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    const onward = onwardTo(endpoint, request);
    if (onward === undefined) socket.destroy();
    else void forwardUpgrade(request, socket, head, onward);
  });
  return (socket) => server.emit('connection', socket);
}

/** What is sent on is the path that was checked: another reading of the same text cannot lead elsewhere. */
function onwardTo({ host, port, paths }: Endpoint, request: IncomingMessage): Onward | undefined {
  const asked = request.url ?? '/';
  if (!asked.startsWith('/') || !URL.canParse(asked, 'http://inside')) return undefined;
  const { pathname, search, host: read } = new URL(asked, 'http://inside');
  if (read !== 'inside' || !paths.some((path) => pathname === path || pathname.startsWith(`${path}/`))) return undefined;
  return { connect: () => connected(host, port), path: pathname + search, headers: headersOf(request) };
}

export function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.once('error', reject).once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
