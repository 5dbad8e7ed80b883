import { createServer, type Server } from 'node:net';
import { randomInt } from 'node:crypto';

const HOST = '127.0.0.1';
const ATTEMPTS = 50;

/** Below the ports that systems hand out to outgoing connections, so that a kept port is free after a restart. */
const RANGES = { door: [20_000, 26_000], app: [26_000, 32_000] } as const;

/** A port that nobody listens on right now and that `taken` does not name. */
export async function freePort(kind: keyof typeof RANGES, taken: (port: number) => boolean = () => false): Promise<number> {
  const [from, to] = RANGES[kind];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(from, to);
    if (!taken(port) && (await isFree(port))) return port;
  }
  throw new Error(`No free port was found between ${from} and ${to}.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listening(server, port, HOST);
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

export function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
