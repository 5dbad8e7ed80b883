import { inspect } from 'node:util';
import { expect } from 'vitest';
import { RailwayError, railwayFailureOf, type RailwayFailure } from '@/lib/adapters/railway/port';
import type { Clock } from '@/lib/kernel/clock';

export const token = 'railway-token-7f3c1d';
/** Stands for whatever Railway says in words. */
export const prose = 'Nobody shall read this';
/** When a manual clock begins, in milliseconds since 1970. */
export const beginningMs = Date.parse('2026-08-01T12:00:00Z');

export const outage = { kind: 'unavailable', sent: true, retryAfterMs: null };

export function manualClock(): Clock & { pass(ms: number): void } {
  let nowMs = 0;
  return { now: () => new Date(beginningMs + nowMs), monotonicMs: () => nowMs, pass: (ms) => void (nowMs += ms) };
}

/** What a call fails with, after a look at everything that a log could write of it. */
export async function thrown(call: Promise<unknown>, secret = token): Promise<RailwayError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof RailwayError)) throw error;
    const { cause, stack } = error;
    const written = [error, cause].flatMap((value) => [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value), String(value)]);
    for (const text of [...written, stack]) {
      expect(text ?? '').not.toContain(secret);
      expect(text ?? '').not.toContain(prose);
    }
    return error;
  }
}

export async function failureOf(call: Promise<unknown>): Promise<RailwayFailure | undefined> {
  return railwayFailureOf(await thrown(call));
}
