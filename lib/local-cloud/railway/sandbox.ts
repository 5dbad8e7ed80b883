import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { startChild } from './child';
import { limitLines } from './limits';
import { LogBook } from './logs';
import { Network } from './network';
import type { Order, Place } from './place';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Where programs leave sockets and files for others: apps get empty ones of their own. */
const SHARED = ['/tmp', '/var/tmp', '/run', '/dev/shm'];
const NOBODY = 65_534;

interface Cover {
  folder: string;
  mode: string;
}

/**
 * Namespaces of Linux for processes of apps: a network, mounts and processes of their own. They see their own folder
 * at its usual path, empty folders where the platform's lie, and no process but their own. All of them end together.
 */
export class Sandbox {
  readonly #covers: readonly Cover[];
  /** Where Node lies, if that is below a cover. */
  readonly #node: string | undefined;

  private constructor(covers: readonly Cover[], node: string | undefined) {
    this.#covers = covers;
    this.#node = node;
  }

  /** Tries everything out, also that users of apps can start Node. Answers why it does not work, if so. */
  static async open(folder: string, hidden: readonly string[]): Promise<Sandbox | string> {
    if (process.platform !== 'linux') return 'it needs namespaces of Linux';
    const covers = await coversOf([...SHARED, ...hidden]);
    const node = path.dirname(path.dirname(await realpath(process.execPath)));
    const sandbox = new Sandbox(covers, covers.some((cover) => isBelow(node, cover.folder)) ? node : undefined);
    const book = new LogBook();
    const network = await Network.open([], 1).catch((error: unknown) => (error instanceof Error ? error.message : 'unknown'));
    if (typeof network === 'string') return network;
    const { code } = await startChild({ command: process.execPath, args: ['--version'], cwd: '/', env: { PATH }, place: sandbox.place(network, NOBODY, folder), book }).exited;
    network.close();
    return code === 0 ? sandbox : (book.read({}).at(-1)?.message ?? `a test process ended with code ${code}`);
  }

  /** @param folder the only one of the data that processes see */
  place(network: Network, uid: number, folder: string): Place {
    return {
      plan: ({ command, args, cwd, env }: Order) => {
        const carried = carry(env);
        const steps = [...this.#mounts(folder), ...hostsLines(network.hosts), `cd ${quote(cwd)}`, ...asUser(uid, carried.lines)];
        const [enter = '', ...rest] = network.enter;
        // `unshare` waits and its child, a shell of root, is the first process inside: with either all the others end.
        const apart = ['unshare', '--mount', '--ipc', '--pid', '--fork', '--kill-child', '--', '/bin/sh', '-c', steps.join('\n'), 'sh'];
        return { command: enter, args: [...rest, ...apart, command, ...args], cwd: '/', env: { ...carried.env, PATH }, uid: undefined };
      },
    };
  }

  #mounts(folder: string): string[] {
    const kept = this.#node === undefined ? [folder] : [folder, this.#node];
    const covered = kept.filter((one) => this.#covers.some((cover) => isBelow(one, cover.folder)));
    return [
      'set -eu',
      // Held open, a folder can be put back after its place was covered.
      ...covered.map((one, index) => `exec ${index + 4}<${quote(one)}`),
      ...this.#covers.map((cover) => `mount -t tmpfs -o mode=${cover.mode},size=256m,nosuid,nodev tmpfs ${quote(cover.folder)}`),
      ...covered.flatMap((one, index) => [`mkdir -p ${quote(one)}`, `mount -c --bind /proc/self/fd/${index + 4} ${quote(one)}`, `exec ${index + 4}<&-`]),
      'mount -t proc -o nosuid,nodev,noexec proc /proc',
    ];
  }
}

function hostsLines(hosts: string): string[] {
  return [`printf %s ${quote(hosts)} > /run/hosts`, 'mount --bind /run/hosts /etc/hosts'];
}

/** The shell before stays, as the first process: an app that were it would not hear SIGTERM. */
function asUser(uid: number, lines: readonly string[]): string[] {
  const script = [...limitLines(true), ...lines, 'exec "$@"'].join('\n');
  return ['code=0', `setpriv --reuid=${uid} --regid=${uid} --clear-groups --no-new-privs -- /bin/sh -c ${quote(script)} sh "$@" || code=$?`, 'exit "$code"'];
}

/**
 * Under other names until the app's user is in charge: programs of root would obey LD_PRELOAD and its like. Values are
 * in no command line, which other users could read.
 */
function carry(env: Readonly<Record<string, string>>): { env: Record<string, string>; lines: string[] } {
  const prefix = `v${randomBytes(6).toString('hex')}`;
  const names = Object.keys(env);
  return {
    env: Object.fromEntries(Object.values(env).map((value, index) => [`${prefix}_${index}`, value])),
    lines: names.map((name, index) => `export ${name}="$${prefix}_${index}"; unset ${prefix}_${index}`),
  };
}

async function coversOf(folders: readonly string[]): Promise<Cover[]> {
  const found = await Promise.all(folders.map((folder) => realpath(folder).catch(() => '/')));
  const covers = [...new Set(found)].filter((folder) => folder !== '/');
  return covers
    .filter((folder) => !covers.some((other) => other !== folder && isBelow(folder, other)))
    .map((folder) => ({ folder, mode: SHARED.includes(folder) && folder !== '/run' ? '1777' : '755' }));
}

function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
