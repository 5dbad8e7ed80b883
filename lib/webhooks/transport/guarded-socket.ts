import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { isLoopbackAddress, isPublicAddress } from './addresses';
import { failed } from './failure';
import type { Target } from './target';

type Resolve = (host: string) => Promise<string[]>;
type Connect = (options: { host: string; port: number }) => Socket;

/** The resolver and the way to a socket; tests give others. */
export interface Network {
  resolve: Resolve;
  connect: Connect;
}

export const systemNetwork: Network = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  connect: (options) => connectTcp(options),
};

/** Addresses of one host that are tried. */
const mostTries = 3;

/**
 * A connection to an endpoint and to nowhere else: the name is resolved once, every address it has must be allowed,
 * one of exactly those is connected to, and the socket is asked where it ended up before a byte is sent.
 */
export async function openGuarded(target: Target, network: Network, signal: AbortSignal): Promise<Socket | TLSSocket> {
  const addresses = await allowedAddresses(target, network.resolve);
  const socket = await firstThatAnswers(addresses.slice(0, mostTries), target.port, network.connect, signal);
  if (!isAllowed(socket.remoteAddress ?? '', target)) {
    socket.destroy();
    throw failed('not_allowed');
  }
  return target.url.protocol === 'https:' ? secured(socket, target.host) : socket;
}

async function allowedAddresses(target: Target, resolve: Resolve): Promise<string[]> {
  const addresses = isIP(target.host) === 0 ? await resolved(target.host, resolve) : [target.host];
  // One bad address among good ones is refused too: nobody who means well has such a name.
  if (addresses.length === 0 || !addresses.every((address) => isAllowed(address, target))) throw failed('not_allowed');
  return addresses;
}

async function resolved(host: string, resolve: Resolve): Promise<string[]> {
  try {
    return await resolve(host);
  } catch (error) {
    throw failed('not_allowed', error);
  }
}

/** A public name that leads to this machine is refused in local mode too. */
function isAllowed(address: string, { local }: Target): boolean {
  return local ? isLoopbackAddress(address) : isPublicAddress(address);
}

async function firstThatAnswers(addresses: readonly string[], port: number, connect: Connect, signal: AbortSignal): Promise<Socket> {
  let last: unknown;
  for (const host of addresses) {
    try {
      return await connected(connect({ host, port }), signal);
    } catch (error) {
      last = error;
      if (signal.aborted) break;
    }
  }
  throw failed('no_connection', last);
}

/** The longest wait for one of several addresses; the time for the whole attempt runs on. */
const connectWithinMs = 5_000;

function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const giveUp = () => socket.destroy(new Error('the connection took too long'));
    const timer = setTimeout(giveUp, connectWithinMs);
    signal.addEventListener('abort', giveUp, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
    // Stays: a socket without an ear for its errors would end the process.
    socket.on('error', (error) => {
      settle();
      reject(error);
    });
    if (signal.aborted) giveUp();
  });
}

function secured(socket: Socket, host: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // Said outright, so that no variable of the environment can switch the check off.
    const secure = connectTls({ socket, host, rejectUnauthorized: true, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 ? { servername: host } : {}) });
    secure.once('secureConnect', () => resolve(secure));
    secure.on('error', (error) => reject(failed('not_secure', error)));
    secure.once('close', () => reject(failed('not_secure')));
  });
}
