import { expect, it } from 'vitest';
import type { LogLine } from '@/lib/deployments/log/schemas';
import { appendLines, countLines, foundLines, levelOf, mostLines, type LogChunk } from './log-lines';

function lines(from: number, count: number): LogLine[] {
  return Array.from({ length: count }, (_, n) => ({ at: `2026-11-21T12:00:00.${String(from + n).padStart(9, '0')}Z`, severity: null, message: `line ${from + n}` }));
}

function messages(chunks: readonly LogChunk[]): string[] {
  return chunks.flatMap((chunk) => chunk.lines.map(({ message }) => message));
}

it('keeps lines in order, whatever pieces they come in', () => {
  let chunks: readonly LogChunk[] = [];
  for (const [from, count] of [[0, 1], [1, 98], [99, 2], [101, 350]] as const) chunks = appendLines(chunks, lines(from, count));
  expect(messages(chunks)).toEqual(lines(0, 451).map(({ message }) => message));
});

it('leaves full pieces as they are, so they are not drawn again', () => {
  const before = appendLines([], lines(0, 250));
  const after = appendLines(before, lines(250, 10));
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[0]).toBe(before[0]);
  expect(after[2]).not.toBe(before[2]);
});

it('never keeps more than the most, and drops the oldest', () => {
  let chunks = appendLines([], lines(0, mostLines));
  expect(countLines(chunks)).toBe(mostLines);
  chunks = appendLines(chunks, lines(mostLines, 12_345));
  expect(countLines(chunks)).toBeLessThanOrEqual(mostLines);
  expect(countLines(chunks)).toBeGreaterThan(mostLines - 100);
  expect(messages(chunks).at(-1)).toBe(`line ${mostLines + 12_344}`);
  expect(new Set(chunks.map(({ key }) => key)).size).toBe(chunks.length);
});

it('finds what the server found and what came since, each once', () => {
  const [old, both, fresh] = lines(0, 3).map((line) => ({ ...line, message: `Error ${line.message}` }));
  if (old === undefined || both === undefined || fresh === undefined) throw new Error('three lines were made');
  const streamed = appendLines([], [both, ...lines(10, 5), fresh]);
  expect(foundLines([old, both], streamed, 'error')).toEqual([old, both, fresh]);
});

it.each([
  ['ERROR', 'error'],
  ['warning', 'warn'],
  ['Info', 'info'],
  ['trace', 'debug'],
  ['odd', null],
  [null, null],
])('severity %s is the level %s', (severity, level) => {
  expect(levelOf(severity)).toBe(level);
});
