import { describe, expect, it } from 'vitest';
import { createLine } from '@/lib/kernel/line';

function work() {
  const started: number[] = [];
  const ends = new Map<number, () => void>();
  const piece = (number: number) => () => {
    started.push(number);
    return new Promise<number>((resolve) => ends.set(number, () => resolve(number)));
  };
  return { started, piece, end: (number: number) => ends.get(number)?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const refuse = () => new Error('full');

describe('a line', () => {
  it('runs so many at once and the others in the order they came', async () => {
    const { started, piece, end } = work();
    const line = createLine({ places: 2, length: 10, refuse });
    const all = [1, 2, 3, 4].map((number) => line(piece(number)));
    await turn();
    expect(started).toEqual([1, 2]);
    end(2);
    await turn();
    expect(started).toEqual([1, 2, 3]);
    end(1);
    end(3);
    await turn();
    end(4);
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
  });

  it('turns away whom it has no room for, and has room again when somebody was served', async () => {
    const { piece, end } = work();
    const line = createLine({ places: 1, length: 1, refuse });
    const served = line(piece(1));
    const waiting = line(piece(2));
    await expect(line(piece(3))).rejects.toThrow('full');
    end(1);
    await served;
    await turn();
    const next = line(piece(4));
    end(2);
    await waiting;
    await turn();
    end(4);
    expect(await next).toBe(4);
  });

  it('gives the place on when the work fails', async () => {
    const line = createLine({ places: 1, length: 1, refuse });
    const failed = line(() => Promise.reject(new Error('broken')));
    const next = line(() => Promise.resolve('served'));
    await expect(failed).rejects.toThrow('broken');
    expect(await next).toBe('served');
  });

  it('rests as long as it is told before the next one, and not at all while nobody waits', async () => {
    const line = createLine({ places: 1, length: 2, refuse, restMs: () => 40 });
    await line(() => Promise.resolve());
    const startedMs = performance.now();
    const first = line(() => Promise.resolve(performance.now()));
    const second = line(() => Promise.resolve(performance.now()));
    expect((await first) - startedMs).toBeLessThan(38);
    expect((await second) - (await first)).toBeGreaterThanOrEqual(38);
  });
});
