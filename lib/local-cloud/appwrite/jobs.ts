/** Work that the real server gives to its workers: run later, one failure never stops the others. */
export class Jobs {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #log: (line: string) => void;
  #stopped = false;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  later(delayMs: number, name: string, work: () => Promise<void>): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const run = work().catch((error: unknown) => this.#log(`${name} failed: ${error instanceof Error ? error.message : String(error)}`));
      this.#running.add(run);
      void run.finally(() => this.#running.delete(run));
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Drops what has not begun (it is taken up at the next start) and waits for the rest. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running);
  }
}
