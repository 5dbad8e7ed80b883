import { expect, it } from 'vitest';
import { createWaits } from './waits';

function waitsAt(nowMs: { value: number }) {
  return createWaits({ now: () => new Date(nowMs.value), monotonicMs: () => nowMs.value });
}

it('leaves a route alone for as long as it asked, and others not at all', () => {
  const now = { value: 1_000 };
  const waits = waitsAt(now);
  waits.note('POST /projects', 500);
  expect([waits.leftMs('POST /projects'), waits.leftMs('GET /projects')]).toEqual([500, 0]);
  now.value += 501;
  expect(waits.leftMs('POST /projects')).toBe(0);
});

it('is not talked into less by a call that was under way at the same time', () => {
  const waits = waitsAt({ value: 1_000 });
  waits.note('POST /projects', 60_000);
  waits.note('POST /projects', 1_000);
  expect(waits.leftMs('POST /projects')).toBe(60_000);
});

it('keeps what is not over, however many routes there are', () => {
  const now = { value: 0 };
  const waits = waitsAt(now);
  waits.note('long', 60_000);
  for (let route = 0; route < 2_000; route += 1) waits.note(`short ${route}`, 1);
  now.value = 2;
  waits.note('last', 1);
  expect(waits.leftMs('long')).toBe(59_998);
});
