import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does `work` and settles as it does, but not before `floorMs` have passed since `sinceMs` (`performance.now()`): the
 * time of an answer then tells nothing of what the work met, as long as the floor lies above all that it can take.
 */
export async function noEarlierThan<Result>(floorMs: number, sinceMs: number, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    // A timer may fire a fraction of a millisecond early.
    for (let leftMs = sinceMs + floorMs - performance.now(); leftMs > 0; leftMs = sinceMs + floorMs - performance.now()) await sleep(Math.ceil(leftMs));
  }
}
