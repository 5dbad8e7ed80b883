import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** The same address, reached through the proxy. */
  through(url: string): string;
  /** Passes everything on, from now on and what was held back. */
  heal(): void;
  /** Every piece of data arrives this much later. */
  slow(ms: number): void;
  /** Keeps the connections and takes new ones, but passes nothing on, as a hung server does. */
  hang(): void;
  /** Cuts the connections and takes no new ones. */
  down(): void;
  /** Cuts the connections once; new ones are welcome. */
  reset(): void;
  close(): Promise<void>;
}

type Fault = { kind: 'none' } | { kind: 'slow'; ms: number } | { kind: 'hang' } | { kind: 'down' };

/** A TCP proxy in front of a server, for breaking the way to it without touching the server. */
export async function startFaultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const releases = new Set<() => void>();
  let fault: Fault = { kind: 'none' };

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    // A cut is what the proxy is for: the other side is cut too, on close.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket.setNoDelay(true);
  }

  /** What is held back keeps its place: nothing that comes later may overtake it, as on any connection. */
  function pass(from: Socket, to: Socket): void {
    const held: Buffer[] = [];
    function release(): void {
      for (const chunk of held.splice(0)) if (to.writable) to.write(chunk);
    }
    from.on('data', (chunk) => {
      held.push(chunk);
      if (fault.kind !== 'slow') return release();
      setTimeout(() => {
        const next = held.shift();
        if (next !== undefined && to.writable) to.write(next);
      }, fault.ms);
    });
    from.on('end', () => {
      release();
      to.end();
    });
    from.on('close', () => {
      releases.delete(release);
      to.destroy();
    });
    releases.add(release);
  }

  const server = createServer((client) => {
    keep(client);
    if (fault.kind === 'down') {
      client.resetAndDestroy();
      return;
    }
    const upstream = keep(connect(target));
    pass(client, upstream);
    pass(upstream, client);
    if (fault.kind === 'hang') for (const socket of [client, upstream]) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server.address());

  function set(next: Fault): void {
    fault = next;
    if (next.kind === 'none') for (const release of releases) release();
    for (const socket of sockets) {
      if (next.kind === 'down') socket.resetAndDestroy();
      else if (next.kind === 'hang') socket.pause();
      else socket.resume();
    }
  }

  return {
    port,
    through(url) {
      const changed = new URL(url);
      changed.host = `127.0.0.1:${port}`;
      return changed.href;
    },
    heal: () => set({ kind: 'none' }),
    slow: (ms) => set({ kind: 'slow', ms }),
    hang: () => set({ kind: 'hang' }),
    down: () => set({ kind: 'down' }),
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The proxy in front of the server that an address names. */
export function startFaultProxyFor(url: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(url);
  return startFaultProxy({ host: hostname, port: Number(port) });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}
