import { setTimeout as delay } from 'node:timers/promises';

interface WaitOptions {
  /** Ends the error message "waited 10000 ms for …". */
  what: string;
  withinMs?: number;
  everyMs?: number;
}

/** Asks again and again until there is an answer other than undefined or false. */
export async function waitFor<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { what, withinMs = 10_000, everyMs = 50 }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`);
    await delay(everyMs);
  }
}

/** True when a server answers at the address with a success. */
export async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
