import { spawn, type ChildProcess } from 'node:child_process';
import { isIP, Server, Socket } from 'node:net';
import { carrier, hostsFile, type Endpoint } from './endpoints';

/**
 * Runs inside: listens where endpoints are expected and connects to the app. It hands each socket over, so what is sent
 * by it passes through the stand-in alone. It ends with the stand-in.
 */
const HELPER = `
const net = require('node:net');
const { port, listen } = JSON.parse(process.argv[1]);
let watched;
process.on('disconnect', () => {
  try { if (watched !== undefined) process.kill(-watched, 'SIGKILL'); } finally { process.exit(); }
});
let waiting = listen.length;
const ready = () => waiting === 0 && process.send({ ready: true });
listen.forEach((at, index) => {
  const server = net.createServer().listen(at, () => process.send({ server: index }, server, () => {
    server.close();
    waiting -= 1;
    ready();
  }));
});
process.on('message', ({ connect, watch }) => {
  if (watch !== undefined) return void (watched = watch);
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.pause();
  socket.once('connect', () => process.send({ id: connect }, socket)).once('error', () => process.send({ id: connect }));
});
ready();
`;
/** Part of every Linux that has namespaces. */
const PROGRAM = 'unshare';
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const OPENS_WITHIN_MS = 20_000;

/** A network namespace in which nothing is reachable but the app itself and the endpoints that were named. */
export class Network {
  readonly hosts: string;
  /** Resolves when it is gone: what runs in it can be reached no more. */
  readonly lost: Promise<void>;
  readonly #helper: ChildProcess;
  readonly #servers: Server[] = [];
  readonly #waiting = new Map<number, { resolve(socket: Socket): void; reject(error: Error): void }>();
  #next = 1;

  private constructor(helper: ChildProcess, endpoints: readonly Endpoint[]) {
    this.#helper = helper;
    this.hosts = hostsFile(endpoints);
    this.lost = new Promise<void>((resolve) => {
      helper.once('error', () => resolve()).once('exit', () => resolve());
    }).then(() => this.#forget());
  }

  /** @param appPort where the app listens on its own loopback address */
  static open(endpoints: readonly Endpoint[], appPort: number): Promise<Network> {
    const listen = endpoints.map(({ address, port }) => ({ host: address, port }));
    const addresses = endpoints.map(({ address }) => address).filter((address) => isIP(address) !== 0 && !address.startsWith('127.') && address !== '::1');
    const script = ['set -e', 'ip link set lo up', ...addresses.map((address) => `ip address add ${address} dev lo`), 'exec "$@"'].join('\n');
    const args = ['--net', '--', '/bin/sh', '-c', script, 'sh', process.execPath, '-e', HELPER, JSON.stringify({ port: appPort, listen })];
    const helper = spawn(PROGRAM, args, { cwd: '/', env: { PATH, NODE_ENV: 'production' }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const network = new Network(helper, endpoints);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => helper.kill('SIGKILL'), OPENS_WITHIN_MS);
      helper.on('message', (message, handle) => {
        if (hasField(message, 'ready')) {
          clearTimeout(timer);
          resolve(network);
        } else network.#hear(message, handle, endpoints);
      });
      void network.lost.then(() => {
        clearTimeout(timer);
        reject(new Error('a network namespace cannot be opened'));
      });
    });
  }

  /** Begins a command that runs inside. */
  get enter(): string[] {
    return ['nsenter', `--net=/proc/${this.#helper.pid}/ns/net`, '--'];
  }

  /** To the app. */
  connect(): Promise<Socket> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (!this.#helper.connected) return reject(new Error('the network is gone'));
      this.#waiting.set(id, { resolve, reject });
      this.#helper.send({ connect: id });
    });
  }

  /** Ends this group when the stand-in is gone without a word: nobody else would. */
  watch(leader: number): void {
    if (this.#helper.connected) this.#helper.send({ watch: leader });
  }

  close(): void {
    this.#helper.kill('SIGKILL');
  }

  #hear(message: object | string | number | boolean | bigint | null, handle: unknown, endpoints: readonly Endpoint[]): void {
    if (hasField(message, 'server') && handle instanceof Server) {
      const endpoint = endpoints[Number(message.server)];
      this.#servers.push(handle);
      if (endpoint !== undefined) handle.on('connection', carrier(endpoint));
    } else if (hasField(message, 'id')) {
      const waiting = this.#waiting.get(Number(message.id));
      this.#waiting.delete(Number(message.id));
      if (handle instanceof Socket && waiting !== undefined) waiting.resolve(handle);
      else waiting?.reject(new Error('the app does not listen'));
    }
  }

  #forget(): void {
    for (const server of this.#servers) server.close();
    for (const { reject } of this.#waiting.values()) reject(new Error('the network is gone'));
    this.#waiting.clear();
  }
}

function hasField<Name extends string>(message: unknown, name: Name): message is Record<Name, unknown> {
  return typeof message === 'object' && message !== null && name in message;
}
