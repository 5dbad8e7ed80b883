import { FrontDoor } from './front-door';
import type { App } from './run';
import type { Instance } from './state';

interface Place {
  door?: FrontDoor;
  current?: { deploymentId: string; app: App };
}

/** Which app serves which instance right now, and the door in front of it. */
export class Fleet {
  readonly #places = new Map<string, Place>();
  readonly #leaving = new Map<Promise<void>, string>();
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  current(instance: Instance): Place['current'] {
    return this.#places.get(instance.id)?.current;
  }

  async openDoor(instance: Instance): Promise<void> {
    if (instance.domain === null) return;
    const place = this.#place(instance);
    place.door ??= new FrontDoor(instance.domain.port);
    place.door.target = place.current?.app.target;
    await place.door.open(this.#log);
  }

  /** From here on requests go to this app; the one before finishes what it has and ends. */
  put(instance: Instance, deploymentId: string, app: App, graceMs: number): void {
    const place = this.#place(instance);
    const before = place.current;
    place.current = { deploymentId, app };
    if (place.door !== undefined) place.door.target = app.target;
    if (before !== undefined) void this.leave(instance, before.app.end(graceMs));
  }

  /** Nobody serves until the next `put`. */
  async clear(instance: Instance, graceMs: number): Promise<void> {
    const place = this.#place(instance);
    const before = place.current;
    delete place.current;
    if (place.door !== undefined) place.door.target = undefined;
    if (before !== undefined) await this.leave(instance, before.app.end(graceMs));
  }

  async remove(instance: Instance, graceMs: number): Promise<void> {
    const door = this.#places.get(instance.id)?.door;
    await this.clear(instance, graceMs);
    this.#places.delete(instance.id);
    await door?.close();
  }

  async stop(instances: readonly Instance[], graceMs: number): Promise<void> {
    await Promise.all(instances.map((instance) => this.remove(instance, graceMs)));
    await Promise.all(this.#leaving.keys());
  }

  /** Keeps hold of an app that is on its way out, so that a stop waits for it. */
  leave(instance: Instance, end: Promise<void>): Promise<void> {
    const kept = end.finally(() => this.#leaving.delete(kept));
    this.#leaving.set(kept, instance.id);
    return kept;
  }

  /** Whether an app of it runs, be it on its way out. */
  isBusy(instance: Instance): boolean {
    return this.current(instance) !== undefined || [...this.#leaving.values()].includes(instance.id);
  }

  #place(instance: Instance): Place {
    const place = this.#places.get(instance.id) ?? {};
    this.#places.set(instance.id, place);
    return place;
  }
}
