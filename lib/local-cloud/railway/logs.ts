export type LogKind = 'build' | 'runtime';
export type Severity = 'info' | 'error';

export interface LogLine {
  timestamp: string;
  severity: Severity;
  message: string;
}

export interface LogPage {
  filter?: string | null;
  /** RFC 3339, that moment included. */
  startDate?: string | null;
  endDate?: string | null;
  limit?: number | null;
}

const MAX_LINES = 10_000;
/** Characters of all kept lines of one book together. */
const MAX_LENGTH = 8_000_000;
const MAX_LINE_BYTES = 4096;
/** How many lines are kept beyond a restart. */
const NEWEST = 1000;
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 5000;
const NS_PER_MS = 1_000_000n;

interface Kept {
  ns: bigint;
  severity: Severity;
  message: string;
}

/** The newest lines of one deployment and kind. Memory is bounded: an app may write for as long as it likes. */
export class LogBook {
  #lines: Kept[] = [];
  /** Lines before it were dropped and wait to be cut off, many at a time. */
  #head = 0;
  #length = 0;
  #dropped = 0;
  #last = 0n;
  #lastDropped = 0n;
  readonly #listeners = new Set<() => void>();

  add(severity: Severity, message: string): void {
    const now = BigInt(Date.now()) * NS_PER_MS;
    // Strictly increasing, so that a reader can go on from the last line it saw.
    this.#last = now > this.#last ? now : this.#last + 1n;
    this.#lines.push({ ns: this.#last, severity, message });
    this.#length += message.length;
    for (const listener of this.#listeners) listener();
    while (this.#lines.length - this.#head > MAX_LINES || this.#length > MAX_LENGTH) this.#drop();
    if (this.#head < MAX_LINES) return;
    this.#lines = this.#lines.slice(this.#head);
    this.#head = 0;
  }

  /** The newest lines when there is no `startDate`, else the oldest from there on; in ascending order either way. */
  read(page: LogPage): LogLine[] {
    const start = page.startDate == null ? undefined : toNanoseconds(page.startDate);
    const end = page.endDate == null ? undefined : toNanoseconds(page.endDate);
    const filter = page.filter ?? '';
    const found = this.#kept().filter(({ ns, message }) => (start === undefined || ns >= start) && (end === undefined || ns <= end) && message.includes(filter));
    const limit = Math.min(Math.max(page.limit ?? DEFAULT_LIMIT, 0), MAX_LIMIT);
    const chosen = start === undefined ? found.slice(Math.max(0, found.length - limit)) : found.slice(0, limit);
    return chosen.map(({ ns, severity, message }) => ({ timestamp: toTimestamp(ns), severity, message }));
  }

  /** Tells of every new line, until the function that it answers is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The newest lines as plain data; `from` makes a book of them again. */
  newest(): Array<[string, Severity, string]> {
    return this.#kept().slice(-NEWEST).map(({ ns, severity, message }) => [String(ns), severity, message]);
  }

  static from(lines: ReadonlyArray<readonly [string, Severity, string]>): LogBook {
    const book = new LogBook();
    for (const [ns, severity, message] of lines) {
      book.#last = BigInt(ns);
      book.#lines.push({ ns: book.#last, severity, message });
      book.#length += message.length;
    }
    return book;
  }

  #drop(): void {
    const line = this.#lines[this.#head];
    if (line === undefined) return;
    this.#head += 1;
    this.#dropped += 1;
    this.#length -= line.message.length;
    this.#lastDropped = line.ns;
    line.message = '';
  }

  #kept(): Kept[] {
    const lines = this.#lines.slice(this.#head);
    if (this.#dropped === 0) return lines;
    return [{ ns: this.#lastDropped, severity: 'error', message: `${this.#dropped} earlier lines were dropped: only the newest ${lines.length} are kept.` }, ...lines];
  }
}

/** Cuts a stream of bytes into lines. Only what is kept becomes a string: a slice of one would hold on to the whole chunk. */
export class LineCutter {
  #rest = Buffer.alloc(0);
  #tooLong = false;
  readonly #take: (line: string) => void;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#append(chunk.subarray(from, end));
      this.#emit();
      from = end + 1;
    }
    this.#append(chunk.subarray(from));
  }

  end(): void {
    if (this.#rest.length > 0) this.#emit();
  }

  #append(part: Buffer): void {
    const room = MAX_LINE_BYTES - this.#rest.length;
    if (part.length > room) this.#tooLong = true;
    if (room > 0 && part.length > 0) this.#rest = Buffer.concat([this.#rest, part.subarray(0, room)]);
  }

  #emit(): void {
    const text = this.#rest.toString('utf8').replace(/\r$/, '');
    this.#take(this.#tooLong ? `${text.replace(/\uFFFD$/, '')}… (cut)` : text);
    this.#rest = Buffer.alloc(0);
    this.#tooLong = false;
  }
}

/** The first moment after a line's. */
export const momentAfter = (timestamp: string): string => toTimestamp(toNanoseconds(timestamp) + 1n);

function toTimestamp(ns: bigint): string {
  const seconds = new Date(Number(ns / NS_PER_MS)).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}

function toNanoseconds(timestamp: string): bigint {
  const [, seconds = '', fraction = '', zone = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(timestamp) ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) throw new RangeError(`not a moment: ${timestamp}`);
  return BigInt(ms) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

export const isMoment = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(value) && !Number.isNaN(Date.parse(value));
