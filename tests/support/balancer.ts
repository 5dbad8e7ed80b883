import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  url: string;
  close(): Promise<void>;
}

const probeEveryMs = 200;

/**
 * A load balancer as operators have it: asks `/ready`, sends requests in turn to the servers that say yes, and takes
 * the next one only when a connection is refused, because then nothing was sent. Any other failure answers 502.
 */
export async function startBalancer(targets: readonly string[]): Promise<Balancer> {
  const ready = new Set(targets);
  const agent = new Agent({ keepAlive: true });
  let turn = 0;

  async function probe(): Promise<void> {
    await Promise.all(
      targets.map(async (target) => {
        const ok = await fetch(new URL('/ready', target), { signal: AbortSignal.timeout(1_000) }).then((response) => response.ok, () => false);
        if (ok) ready.add(target);
        else ready.delete(target);
      }),
    );
  }

  function forward(incoming: IncomingMessage, body: Buffer, answer: ServerResponse, candidates: readonly string[]): void {
    const [target, ...others] = candidates;
    if (target === undefined) {
      answer.writeHead(502).end('no server is left');
      return;
    }
    const outgoing = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers: incoming.headers, agent }, (response) => {
      const { connection: _, 'keep-alive': __, ...headers } = response.headers;
      answer.writeHead(response.statusCode ?? 502, headers);
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    outgoing.on('error', (error) => {
      if (isRefusal(error)) forward(incoming, body, answer, others);
      else answer.writeHead(502).end(String(error));
    });
    outgoing.end(body);
  }

  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const candidates = ready.size > 0 ? [...ready] : [...targets];
      turn += 1;
      const from = turn % candidates.length;
      forward(incoming, Buffer.concat(chunks), answer, [...candidates.slice(from), ...candidates.slice(0, from)]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const probing = setInterval(() => void probe(), probeEveryMs);
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    async close() {
      clearInterval(probing);
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isRefusal(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNREFUSED';
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the balancer has no port');
  return address.port;
}
