import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { drawing } from './drawing';
import { passOn, type Pipe } from './fault-proxy-pipe';
import { proof } from './figure';

export interface FaultProxy {
  readonly port: number;
  /** The same address, reached through the proxy. */
  through(url: string): string;
  /** Passes everything on, from now on and what was held back. Connections that lost data are cut. */
  heal(): void;
  /** Every piece of data arrives this much later, and up to `jitterMs` more; the order stays. */
  slow(ms: number, jitterMs?: number): void;
  /** Keeps the connections and takes new ones, but passes nothing on, as a hung server does. */
  hang(): void;
  /** Takes connections and all that is sent, and loses it: nobody is told, and no answer ever comes. */
  blackhole(): void;
  /** The end of a connection reaches the other side this much later. */
  slowClose(ms: number): void;
  /** Lets a request through whole and cuts its connection at the first byte of the answer; only one that matches, if given. */
  cutAnswers(matching?: RegExp): void;
  /** Cuts the connections and takes no new ones. */
  down(): void;
  /** Cuts the connections once; new ones are welcome. @returns how many it cut */
  reset(): number;
  /** The server loses its connections once and the clients are not told, as when a router forgets them; new ones are welcome. */
  halfOpen(): void;
  close(): Promise<void>;
}

type Fault =
  | { kind: 'none' | 'hang' | 'down' | 'blackhole' }
  | { kind: 'slow'; ms: number; jitterMs: number }
  | { kind: 'slow-close'; ms: number }
  | { kind: 'cut-answers'; matching: RegExp | undefined };

/** A connection through the proxy. `upstream` is null once the server's side is gone, or was never made. */
interface Link {
  client: Socket;
  upstream: Socket | null;
  pipes: Pipe[];
  /** Its next answer is cut. */
  doomed: boolean;
  /** Something was swallowed that cannot be given back. */
  lossy: boolean;
}

/** A TCP proxy in front of a server, for breaking the way to it without touching the server. `random` draws the jitter. */
export async function startFaultProxy(target: { host: string; port: number }, random: () => number = drawing(proof.seed)): Promise<FaultProxy> {
  const links = new Set<Link>();
  let fault: Fault = { kind: 'none' };

  const delayMs = () => (fault.kind === 'slow' ? fault.ms + random() * fault.jitterMs : 0);
  const closeDelayMs = () => (fault.kind === 'slow-close' ? fault.ms : 0);

  /** False for data that is not passed on. */
  function admits(link: Link, from: Socket, chunk: Buffer): boolean {
    if (link.upstream === null || fault.kind === 'blackhole') {
      link.lossy = true;
      return false;
    }
    if (from === link.client) {
      link.doomed ||= fault.kind === 'cut-answers' && (fault.matching?.test(chunk.toString('latin1')) ?? true);
      return true;
    }
    if (link.doomed) cut(link);
    return !link.doomed;
  }

  function cut({ client, upstream }: Link): void {
    client.resetAndDestroy();
    upstream?.resetAndDestroy();
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (fault.kind === 'down') {
      client.on('error', () => client.destroy());
      client.resetAndDestroy();
      return;
    }
    const upstream = fault.kind === 'blackhole' ? null : connect({ ...target, allowHalfOpen: true });
    const link: Link = { client, upstream, pipes: [], doomed: false, lossy: false };
    links.add(link);
    client.on('close', () => links.delete(link));
    link.pipes = [
      passOn(client, { to: () => link.upstream, admits: (chunk) => admits(link, client, chunk), delayMs, closeDelayMs }),
      ...(upstream === null ? [] : [passOn(upstream, { to: () => (link.upstream === null ? null : client), admits: (chunk) => admits(link, upstream, chunk), delayMs, closeDelayMs })]),
    ];
    if (fault.kind === 'hang') for (const pipe of link.pipes) pipe.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server.address());

  function set(next: Fault): void {
    fault = next;
    for (const link of links) {
      if (next.kind === 'down' || (next.kind !== 'blackhole' && link.lossy)) cut(link);
      for (const pipe of link.pipes) {
        if (next.kind === 'hang') pipe.pause();
        else pipe.resume();
        if (next.kind === 'none') pipe.release();
      }
      if (next.kind === 'none') link.doomed = false;
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
    slow: (ms, jitterMs = 0) => set({ kind: 'slow', ms, jitterMs }),
    hang: () => set({ kind: 'hang' }),
    blackhole: () => set({ kind: 'blackhole' }),
    slowClose: (ms) => set({ kind: 'slow-close', ms }),
    cutAnswers: (matching) => set({ kind: 'cut-answers', matching }),
    down: () => set({ kind: 'down' }),
    reset() {
      const open = [...links].filter(({ client }) => !client.destroyed);
      for (const link of open) cut(link);
      return open.length;
    },
    halfOpen() {
      for (const link of links) {
        const lost = link.upstream;
        link.upstream = null;
        link.lossy = true;
        lost?.destroy();
      }
    },
    async close() {
      for (const { client, upstream } of links) {
        client.destroy();
        upstream?.destroy();
      }
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
