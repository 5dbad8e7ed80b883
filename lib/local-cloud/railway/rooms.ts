import type { Socket } from 'node:net';
import type { AppFolders } from './app-folders';
import { connected, toEndpoints } from './endpoints';
import { Network } from './network';
import { openPlace, type Place } from './place';
import { endStrays, endUser, MARK } from './processes';
import type { Sandbox } from './sandbox';
import type { Instance } from './state';

/** Where processes of one run are, and the way to the port that they listen on. */
export interface Room {
  place: Place;
  connect(): Promise<Socket>;
  /** Ends this group with the stand-in, where that can be done. */
  watch(leader: number): void;
  /** Resolves when what runs in it can be reached no more. */
  lost: Promise<void>;
  close(): void;
}

const HOST = '127.0.0.1';
const never = new Promise<void>(() => undefined);

/** Opens rooms as well closed as this machine allows, and ends what is left in them. */
export class Rooms {
  readonly #folders: AppFolders;
  readonly #sandbox: Sandbox | undefined;
  readonly #secret: string;

  constructor(folders: AppFolders, sandbox: Sandbox | undefined, secret: string) {
    this.#folders = folders;
    this.#sandbox = sandbox;
    this.#secret = secret;
  }

  /** @param urls what may be reached from it, where it is closed */
  async open(instance: Instance, port: number, urls: readonly string[]): Promise<Room> {
    const uid = this.#folders.uidOf(instance);
    if (this.#sandbox === undefined || uid === undefined) {
      return { place: openPlace(uid), connect: () => connected(HOST, port), watch: () => undefined, lost: never, close: () => undefined };
    }
    const network = await Network.open(toEndpoints(urls), port);
    return { place: this.#sandbox.place(network, uid, this.#folders.own(instance)), connect: () => network.connect(), watch: (leader) => network.watch(leader), lost: network.lost, close: () => network.close() };
  }

  /** The variable that every process of a run gets. */
  markOf(run: string): Record<string, string> {
    return { [MARK]: `${this.#secret}.${run}` };
  }

  /** What left the group of its run and did not clear its environment. */
  async endRun(instance: Instance, run: string): Promise<void> {
    await endStrays({ uid: this.#uidOf(instance), value: `${this.#secret}.${run}` });
  }

  /** Everything of this instance; when its user is this process's own, by the mark alone. */
  async endAll(instance: Instance): Promise<void> {
    await endStrays({ uid: this.#uidOf(instance), value: `${this.#secret}.${instance.id}` });
    const uid = this.#folders.uidOf(instance);
    if (uid !== undefined) await endUser(uid);
  }

  #uidOf(instance: Instance): number {
    return this.#folders.uidOf(instance) ?? process.getuid?.() ?? -1;
  }
}
