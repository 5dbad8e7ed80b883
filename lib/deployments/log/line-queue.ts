import type { LogLine } from './schemas';

/** Lines that wait for a reader that is slower than the app; older ones give way. */
const mostWaiting = 5_000;

/** Between one who is handed lines and one who asks for them. */
export class LineQueue {
  #lines: LogLine[] = [];
  #leftOut = 0;
  #closed = false;
  #wake: () => void = () => undefined;

  add(lines: readonly LogLine[]): void {
    this.#lines.push(...lines);
    const tooMany = this.#lines.length - mostWaiting;
    if (tooMany > 0) {
      this.#lines = this.#lines.slice(tooMany);
      this.#leftOut += tooMany;
    }
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** True when nothing waits and nothing will come. */
  get ended(): boolean {
    return this.#closed && this.#lines.length === 0;
  }

  /** What waits; when nothing does, what comes first within `ms`, and nothing after that. */
  async take(ms: number, signal: AbortSignal): Promise<LogLine[]> {
    if (this.#lines.length === 0 && !this.#closed && !signal.aborted) await this.#news(ms, signal);
    const lines = this.#lines;
    this.#lines = [];
    if (this.#leftOut === 0 || lines[0] === undefined) return lines;
    const gap = { at: lines[0].at, severity: 'warn', message: `(${this.#leftOut} lines were left out here: the app writes faster than they can be shown)` };
    this.#leftOut = 0;
    return [gap, ...lines];
  }

  #news(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal.addEventListener('abort', finish, { once: true });
      this.#wake = finish;
    });
  }
}
