import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { LogBook, type LogKind, type LogLine, type LogPage, type Severity } from './logs';
import type { Deployment } from './state';

/** Deployments whose books are in memory. */
const KEPT = 32;
const line = z.tuple([z.string().regex(/^\d+$/), z.enum(['info', 'error']), z.string()]);
const books = z.object({ build: z.array(line), runtime: z.array(line) });

/** The log books of deployments: in memory while they are written, and their newest lines on disk for later. */
export class Journal {
  readonly #books = new Map<string, Record<LogKind, LogBook>>();
  readonly #folder: string;
  readonly #isLive: (deploymentId: string) => boolean;

  /** Books of live deployments stay in memory: their apps write into them. */
  constructor(dataDir: string, isLive: (deploymentId: string) => boolean) {
    this.#folder = path.join(dataDir, 'logs');
    this.#isLive = isLive;
  }

  book({ id }: Deployment, kind: LogKind): LogBook {
    const kept = this.#books.get(id) ?? { build: new LogBook(), runtime: new LogBook() };
    this.#books.set(id, kept);
    return kept[kind];
  }

  async read({ id }: Deployment, kind: LogKind, page: LogPage): Promise<LogLine[]> {
    const kept = this.#books.get(id) ?? (await this.#load(id));
    return kept?.[kind].read(page) ?? [];
  }

  write(deployment: Deployment, kind: LogKind, severity: Severity, message: string): void {
    this.book(deployment, kind).add(severity, message);
  }

  /** Takes the book of an earlier run up again. */
  async resume({ id }: Deployment): Promise<void> {
    const kept = this.#books.has(id) ? undefined : await this.#load(id);
    if (kept !== undefined) this.#books.set(id, kept);
  }

  /** Puts the newest lines on disk, and the books that nobody writes any more out of memory. */
  async keep({ id }: { id: string }): Promise<void> {
    await this.#save(id);
    const idle = [...this.#books.keys()].filter((other) => other !== id && !this.#isLive(other));
    for (const other of idle.slice(0, Math.max(0, this.#books.size - KEPT))) {
      await this.#save(other);
      this.#books.delete(other);
    }
  }

  async keepAll(): Promise<void> {
    for (const id of [...this.#books.keys()]) await this.#save(id);
  }

  async forget(id: string): Promise<void> {
    this.#books.delete(id);
    await rm(this.#file(id), { force: true });
  }

  async #save(id: string): Promise<void> {
    const kept = this.#books.get(id);
    if (kept === undefined) return;
    const draft = `${this.#file(id)}.${randomUUID()}`;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify({ build: kept.build.newest(), runtime: kept.runtime.newest() }), { mode: 0o600 });
    await rename(draft, this.#file(id));
  }

  async #load(id: string): Promise<Record<LogKind, LogBook> | undefined> {
    const text = await readFile(this.#file(id), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { build, runtime } = books.parse(JSON.parse(text));
    return { build: LogBook.from(build), runtime: LogBook.from(runtime) };
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }
}
