import { expect, it } from 'vitest';
import { duration, relativeTime, wholeSeconds } from './time';

const now = Date.parse('2026-11-21T12:00:00Z');
const [minute, hour, day] = [60, 3600, 86_400];

it.each([
  [-5, 'just now'],
  [5, 'just now'],
  [30, 'in a moment'],
  [-59, 'just now'],
  [-minute, '1 minute ago'],
  [-2 * hour + 1, '1 hour ago'],
  [-day, 'yesterday'],
  [-3 * day + 1, '2 days ago'],
  [59 * minute + 10, 'in 59 minutes'],
  [day + 5, 'tomorrow'],
  [7 * day - 5, 'in 7 days'],
  [29 * day + 23 * hour, 'in 30 days'],
  [-400 * day, '1 year ago'],
])('%i seconds away is %s', (seconds, words) => {
  expect(relativeTime(new Date(now + seconds * 1000).toISOString(), now)).toBe(words);
});

it.each([
  [840, '840 ms'],
  [3_210, '3.2 s'],
  [125_000, '2 min 5 s'],
])('%i ms last %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

it.each([
  [41_200, '42 s'],
  [500_001, '8 min 21 s'],
])('%i ms to wait are %s', (ms, words) => {
  expect(wholeSeconds(ms)).toBe(words);
});
