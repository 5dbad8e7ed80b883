import { setTimeout as sleep } from 'node:timers/promises';

/** What comes within this time is told together. */
const GATHER_MS = 10;

/** Wakes one who waits. Many rings before somebody listens count as one. */
export class Bell {
  #rung = false;
  #closed = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  close(): void {
    this.#closed = true;
    this.ring();
  }

  /** True after a ring, false when there will be none that matters. */
  async heard(): Promise<boolean> {
    if (!this.#rung) await new Promise<void>((resolve) => { this.#wake = resolve; });
    this.#wake = undefined;
    if (!this.#closed) await sleep(GATHER_MS);
    this.#rung = false;
    return !this.#closed;
  }
}

/** A generator that waits for its bell does not hear that nobody reads any more: closing the bell tells it. */
export function closable<T>(generator: AsyncGenerator<T>, bell: Bell): AsyncIterableIterator<T> {
  const iterator: AsyncIterableIterator<T> = {
    next: () => generator.next(),
    return: () => {
      bell.close();
      return generator.return(undefined);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
