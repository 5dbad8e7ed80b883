import { connect } from 'node:net';

export interface RawAnswer {
  /** Null where the connection ended without an answer. */
  status: number | null;
  text: string;
}

/** Sends bytes as they are and answers what comes back until the peer closes, or for a while. */
export function sendRaw(url: string, bytes: string | Buffer, { withinMs = 3_000 } = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes));
    const done = (): void => {
      socket.destroy();
      const text = Buffer.concat(chunks).toString('utf8');
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
      resolve({ status: status === undefined ? null : Number(status), text });
    };
    const timer = setTimeout(done, withinMs);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', done);
    socket.once('close', () => (clearTimeout(timer), done()));
  });
}

/** A request as text, whose target and headers no client library would send. */
export function rawRequest(method: string, target: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const lines = Object.entries({ host: 'studio.test', connection: 'close', ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
