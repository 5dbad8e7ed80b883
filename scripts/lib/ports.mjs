import { randomInt } from 'node:crypto';
import net from 'node:net';

/** True when nothing listens on host:port and we may bind it. */
export function isPortFree(port, host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (error) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The first free port from `preferred` upward. */
export async function nextFreePort(preferred, host = '127.0.0.1', taken = new Set()) {
  for (let port = preferred; port < Math.min(preferred + 200, 65_536); port += 1) {
    if (!taken.has(port) && (await isPortFree(port, host))) return port;
  }
  throw new Error(`no free port between ${preferred} and ${preferred + 199} on ${host}`);
}

/**
 * A free port for a server that starts a moment later. It lies below the range from which systems take ports for
 * outgoing connections, so that none of those can slip in between.
 */
export async function anyFreePort(host = '127.0.0.1') {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(10_000, 32_768);
    if (await isPortFree(port, host)) return port;
  }
  throw new Error(`no free port found on ${host}`);
}
