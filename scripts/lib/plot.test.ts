import { describe, expect, test } from 'vitest';
import { plot } from './plot.mjs';

const growing = { title: 'list: p95', of: 'projects', unit: 'ms', points: [{ at: 10, ours: 5, limit: 4 }, { at: 1_000, ours: 10, limit: 4 }, { at: 100_000, ours: 5, limit: 4 }] };

/** The corners of each line, in the order of drawing: the limit lies behind. */
function linesOf(svg: string): [number, number][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points = '']) => points.split(' ').map((pair): [number, number] => {
    const [x = Number.NaN, y = Number.NaN] = pair.split(',').map(Number);
    return [x, y];
  }));
}

function labelsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

describe('a curve', () => {
  test('on a logarithmic axis lies evenly by powers of ten, twice as high for twice as much', () => {
    const [limit = [], ours = []] = linesOf(plot(growing));
    const [[first] = [], [middle] = [], [last] = []] = ours;
    expect((middle ?? 0) - (first ?? 0)).toBeCloseTo((last ?? 0) - (middle ?? 0), 0);
    const height = ([, y]: [number, number]) => 220 - y;
    expect(height(ours[1] ?? [0, 0])).toBeCloseTo(2 * height(ours[0] ?? [0, 0]), 0);
    expect(new Set(limit.map(([, y]) => y)).size).toBe(1);
  });

  test('on a linear axis lies by time, with round ticks and no mark on each point', () => {
    const points = Array.from({ length: 181 }, (_, n) => ({ at: n / 6, ours: 200 + n }));
    const svg = plot({ title: 'memory', of: 'minutes', unit: 'MB', axis: 'linear', points });
    const [ours = []] = linesOf(svg);
    expect((ours[90]?.[0] ?? 0) - (ours[0]?.[0] ?? 0)).toBeCloseTo(((ours[180]?.[0] ?? 0) - (ours[0]?.[0] ?? 0)) / 2, 0);
    expect(labelsOf(svg)).toEqual(expect.arrayContaining(['0', '5', '10', '15', '20', '25', '30']));
    expect(svg).not.toContain('<circle');
  });

  test('has every point inside its frame', () => {
    for (const [x, y] of linesOf(plot(growing)).flat()) {
      expect(x).toBeGreaterThanOrEqual(72);
      expect(x).toBeLessThanOrEqual(616);
      expect(y).toBeGreaterThanOrEqual(28);
      expect(y).toBeLessThanOrEqual(220);
    }
  });

  test('names the limit only where there is one, and counts by names of powers', () => {
    expect(labelsOf(plot(growing))).toEqual(expect.arrayContaining(['ours', 'limit', 'projects', '10', '1,000', '100,000']));
    expect(labelsOf(plot({ ...growing, points: [{ at: 1, ours: 1 }, { at: 10, ours: 1 }] }))).not.toContain('limit');
  });

  test('of a single point, or of nothing but zeros, is drawn all the same', () => {
    expect(plot({ ...growing, points: [{ at: 10, ours: 5 }] })).not.toMatch(/NaN|Infinity/);
    expect(plot({ ...growing, points: [{ at: 10, ours: 0 }, { at: 100, ours: 0 }] })).not.toMatch(/NaN|Infinity/);
    expect(() => plot({ ...growing, points: [] })).toThrow('has no points');
  });

  test('keeps its words out of the markup', () => {
    expect(plot({ ...growing, title: '"><script>' })).not.toContain('<script>');
  });
});
