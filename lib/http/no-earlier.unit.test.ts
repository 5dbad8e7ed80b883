import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { noEarlierThan } from './no-earlier';

async function timed(work: () => Promise<unknown>): Promise<{ outcome: unknown; ms: number }> {
  const startedMs = performance.now();
  const outcome = await work().catch((error: unknown) => error);
  return { outcome, ms: performance.now() - startedMs };
}

describe('noEarlierThan', () => {
  it('holds a quick answer back until the floor', async () => {
    const { outcome, ms } = await timed(() => noEarlierThan(40, performance.now(), () => Promise.resolve('done')));
    expect(outcome).toBe('done');
    expect(ms).toBeGreaterThanOrEqual(40);
  });

  it('holds a quick refusal back as long', async () => {
    const refusal = new Error('refused');
    const { outcome, ms } = await timed(() => noEarlierThan(40, performance.now(), () => Promise.reject(refusal)));
    expect(outcome).toBe(refusal);
    expect(ms).toBeGreaterThanOrEqual(40);
  });

  it('counts from the arrival, which may lie before the work', async () => {
    const arrivedMs = performance.now();
    await sleep(30);
    await noEarlierThan(40, arrivedMs, () => Promise.resolve());
    expect(performance.now() - arrivedMs).toBeGreaterThanOrEqual(40);
  });

  it('starts its clock with the work, not after it', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    let during = 0;
    await noEarlierThan(20, performance.now(), () => Promise.resolve((during = timers())));
    expect(during).toBe(before + 1);
  });

  it('adds nothing to work that took longer', async () => {
    let aTurnLater = false;
    await noEarlierThan(5, performance.now(), async () => {
      await sleep(20);
      setTimeout(() => (aTurnLater = true), 0);
    });
    expect(aTurnLater).toBe(false);
  });
});
