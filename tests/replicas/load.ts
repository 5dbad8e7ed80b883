import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../support/visitor';

export interface Load {
  /** Of the requests that were answered 200, in milliseconds. */
  times: number[];
  /** What became of the others. */
  failures: string[];
  /** Waits for the last answers. @returns how many were asked for in a second */
  stop(): Promise<number>;
}

/** Asks for the paths in turn until it is stopped: so many at a time, and together no more than so many in a second. */
export function startLoad(ask: (path: string) => Promise<Answer>, paths: readonly string[], { abreast, perSecond }: { abreast: number; perSecond: number }): Load {
  const began = performance.now();
  const times: number[] = [];
  const failures: string[] = [];
  let running = true;
  let asked = 0;

  async function visit(): Promise<void> {
    while (running) {
      const turn = asked;
      asked += 1;
      const earlyMs = began + (turn * 1_000) / perSecond - performance.now();
      if (earlyMs > 0) await delay(earlyMs);
      const path = paths[turn % paths.length] ?? '/';
      const outcome = await ask(path).catch((error: unknown) => String(error));
      if (typeof outcome === 'string') failures.push(`${path}: ${outcome}`);
      else if (outcome.status !== 200) failures.push(`${path}: ${outcome.status} ${outcome.text.slice(0, 200)}`);
      else times.push(outcome.ms);
    }
  }

  const visits = Array.from({ length: abreast }, visit);
  return {
    times,
    failures,
    async stop() {
      running = false;
      const seconds = (performance.now() - began) / 1_000;
      const perSecondReached = (times.length + failures.length) / seconds;
      await Promise.all(visits);
      return perSecondReached;
    },
  };
}
