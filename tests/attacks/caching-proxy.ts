import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { listen } from '../support/listen';

export interface CachingProxy {
  url: string;
  /** Answers out of the store, and what is in it. */
  hits(): number;
  stored(): readonly Stored[];
  close(): Promise<void>;
}

export interface Stored {
  key: string;
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface Options {
  /** Ignores what the server forbids, as a proxy that is set up badly does: for a control. */
  careless?: boolean;
}

/**
 * A shared cache as greedy as RFC 9111 lets it be: it keeps every answer that is not forbidden, those without a word
 * about it too, and asks nobody again while it has one.
 */
export async function startCachingProxy(upstream: string, { careless = false }: Options = {}): Promise<CachingProxy> {
  const store = new Map<string, Stored>();
  let hits = 0;
  const server: Server = createServer((incoming, outgoing) => {
    const key = `${incoming.method} ${incoming.url}`;
    const known = [...store.values()].find((each) => each.key === key && varies(each, incoming.headers));
    if (known !== undefined) {
      hits += 1;
      outgoing.writeHead(known.status, { ...known.headers, age: '1' }).end(known.body);
      return;
    }
    const passed = request(new URL(incoming.url ?? '/', upstream), { method: incoming.method, headers: incoming.headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        const kept = { key, status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
        const { 'transfer-encoding': _, ...headers } = answer.headers;
        if (careless || mayKeep(incoming.method, incoming.headers, kept)) store.set(`${key} ${varied(answer.headers, incoming.headers)}`, { ...kept, headers: { ...headers, 'x-varied': varied(answer.headers, incoming.headers) } });
        outgoing.writeHead(kept.status, headers).end(kept.body);
      });
    });
    passed.once('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  return {
    url: await listen(server),
    hits: () => hits,
    stored: () => [...store.values()],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a shared cache may keep: RFC 9111, 3 and 3.5. No word about it counts as leave, by heuristics. */
function mayKeep(method: string | undefined, asked: IncomingHttpHeaders, { status, headers }: Stored): boolean {
  if (method !== 'GET' || ![200, 203, 204, 300, 301, 307, 308, 404, 410].includes(status)) return false;
  const control = (headers['cache-control'] ?? '').toLowerCase();
  if (/\b(no-store|private|no-cache)\b/.test(control) || headers.vary === '*') return false;
  return asked.authorization === undefined || /\b(public|s-maxage|must-revalidate)\b/.test(control);
}

function varied({ vary }: IncomingHttpHeaders, asked: IncomingHttpHeaders): string {
  return JSON.stringify((vary ?? '').toLowerCase().split(',').map((name) => name.trim()).filter(Boolean).toSorted().map((name) => [name, asked[name] ?? null]));
}

function varies({ headers }: Stored, asked: IncomingHttpHeaders): boolean {
  return headers['x-varied'] === varied(headers, asked);
}
