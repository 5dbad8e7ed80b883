import { setTimeout as sleep } from 'node:timers/promises';

/** Around each remote call of a step: before it, on its way, answered but not recorded, recorded. */
export const faultPositions = ['before', 'sent', 'answered', 'committed'] as const;
export type FaultPosition = (typeof faultPositions)[number];

/** Called at every position of every step; undoing a step counts as the step `undo-<key>`. */
export type FaultHook = (step: string, position: FaultPosition) => Promise<void>;

export const noFaults: FaultHook = () => Promise.resolve();

/** Stands for the end of the process in tests that share one: nothing that follows it is run or recorded. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/** `create:sent` makes the process end itself there, as `kill -9` would. */
export function killAt(spec: string): FaultHook {
  const [step, position] = spec.split(':');
  return async (atStep, atPosition) => {
    if (atStep !== step || atPosition !== position) return;
    // Long enough for the request to leave, too short for an answer to be written down.
    if (position === 'sent') await sleep(20);
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  };
}
