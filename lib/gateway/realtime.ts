import { STATUS_CODES, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { limitConnect, open, type Patience } from './forward';
import { Refusal, refusalBody, refusalHeaders, unavailable } from './refusal';

/** A refused connection ends after this long, whether or not the client closes its side. */
const lingerMs = 1_000;

interface Joined {
  socket: Duplex;
  /** What the client sent right behind its request. */
  head: Buffer;
  url: URL;
  headers: OutgoingHttpHeaders;
  patience: Patience;
}

/**
 * Asks Appwrite for the upgrade and joins both connections as they are, byte for byte. Settles when they have ended;
 * rejects with a refusal while nothing was answered.
 */
export function joinRealtime({ socket, head, url, headers, patience }: Joined): Promise<void> {
  return new Promise((resolve, reject) => {
    // Whoever asked may have left while the project was looked up.
    if (socket.destroyed) return resolve();
    const outgoing = open(url, { method: 'GET', headers: { ...headers, connection: 'Upgrade', upgrade: 'websocket' }, agent: false });
    let settled = false;
    const end = (refusal?: Refusal): void => {
      outgoing.destroy();
      if (refusal === undefined || settled) resolve();
      else reject(refusal);
      settled = true;
    };
    socket.once('close', () => end());
    limitConnect(outgoing, patience.connectMs, () => end(unavailable(new Error('Appwrite took no connection in time'))));
    outgoing.setTimeout(patience.idleMs, () => end(unavailable(new Error('Appwrite did not answer the upgrade in time'))));
    outgoing.on('error', (error) => end(unavailable(error)));
    outgoing.once('response', (answer) => end(new Refusal('general_argument_invalid', `Appwrite opens no realtime connection for this request (it answers ${answer.statusCode ?? 0}).`)));
    outgoing.once('upgrade', (answer, upstream, first) => {
      settled = true;
      upstream.setTimeout(patience.idleMs, () => upstream.destroy());
      socket.write(switching(answer));
      if (first.length > 0) socket.write(first);
      if (head.length > 0) upstream.write(head);
      for (const [from, to] of [[socket, upstream], [upstream, socket]] as const) {
        from.on('error', () => from.destroy());
        from.once('close', () => to.destroy());
        from.pipe(to);
      }
    });
    outgoing.end();
  });
}

function switching({ headers }: IncomingMessage): string {
  const kept = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'].flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${String(headers[name])}`]));
  return ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket', ...kept, '', ''].join('\r\n');
}

/** Answers an upgrade that is not made, and ends the connection. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal, request: IncomingMessage): void {
  const body = refusalBody(refusal);
  const headers = { ...refusalHeaders(refusal, request.headers), 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.resume();
  setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.end([`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`, ...lines, '', body].join('\r\n'));
}
