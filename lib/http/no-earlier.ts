import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does `work` and settles as it does, but not before `floorMs` have passed since `sinceMs` (`performance.now()`): the
 * time of an answer then tells nothing of what the work met, as long as the floor lies above all that it can take.
 * The clock starts with the work: one that started after it would strike by the fraction of a millisecond in which the
 * work was done, and hundreds of answers tell that apart.
 */
export async function noEarlierThan<Result>(floorMs: number, sinceMs: number, work: () => Promise<Result>): Promise<Result> {
  const leftMs = () => sinceMs + floorMs - performance.now();
  const floor = leftMs() > 0 ? sleep(Math.ceil(leftMs())) : undefined;
  try {
    return await work();
  } finally {
    await floor;
    // A timer may fire a fraction of a millisecond early.
    while (leftMs() > 0) await sleep(1);
  }
}
