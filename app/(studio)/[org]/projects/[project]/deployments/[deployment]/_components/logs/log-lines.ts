import type { LogLine } from '@/lib/deployments/log/schemas';

/**
 * Lines in pieces that never change once they are full, so that only the last one is drawn again, and the browser
 * skips those that are out of sight.
 */
export interface LogChunk {
  /** Grows; stays the same while older pieces are dropped. */
  key: number;
  lines: readonly LogLine[];
}

const chunkLines = 100;
/** More are in the download. */
export const mostLines = 5_000;

/** Adds lines at the end and drops the oldest pieces over the most. */
export function appendLines(chunks: readonly LogChunk[], added: readonly LogLine[]): readonly LogChunk[] {
  const next = [...chunks];
  for (let from = 0; from < added.length; ) {
    const last = next.at(-1);
    const room = last === undefined ? 0 : chunkLines - last.lines.length;
    const taken = added.slice(from, from + (room > 0 ? room : chunkLines));
    if (last !== undefined && room > 0) next[next.length - 1] = { key: last.key, lines: [...last.lines, ...taken] };
    else next.push({ key: (last?.key ?? -1) + 1, lines: taken });
    from += taken.length;
  }
  return next.slice(-mostLines / chunkLines);
}

export function countLines(chunks: readonly LogChunk[]): number {
  return chunks.reduce((sum, { lines }) => sum + lines.length, 0);
}

/** What a search shows: what the server found, and those of the stream that it did not know yet. */
export function foundLines(found: readonly LogLine[], streamed: readonly LogChunk[], words: string): readonly LogLine[] {
  const known = new Set(found.map(keyOf));
  const wanted = words.toLowerCase();
  const newer = streamed.flatMap(({ lines }) => lines.filter((line) => line.message.toLowerCase().includes(wanted) && !known.has(keyOf(line))));
  return [...found, ...newer];
}

function keyOf({ at, message }: LogLine): string {
  return `${at} ${message}`;
}

export type Level = 'error' | 'warn' | 'info' | 'debug';

const levels: Record<string, Level> = { error: 'error', err: 'error', fatal: 'error', critical: 'error', warn: 'warn', warning: 'warn', info: 'info', notice: 'info', debug: 'debug', trace: 'debug' };

/** The level of what an app calls its severity; null for words that are not known, which are shown as they are. */
export function levelOf(severity: string | null): Level | null {
  return levels[severity?.toLowerCase() ?? ''] ?? null;
}
