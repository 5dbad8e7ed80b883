import { setTimeout as sleep } from 'node:timers/promises';

/** Medians of the real server on two cores at concurrency 1, in milliseconds. */
const RECORDED: ReadonlyArray<readonly [RegExp, number]> = [
  [/^POST \/v1\/(organization\/)?projects$/, 391],
  [/^POST \/v1\/(project|projects\/[^/]+)\/keys$/, 10],
  [/^POST \/v1\/(project|projects\/[^/]+)\/platforms(\/|$)/, 12],
  [/^DELETE \/v1\/(organization\/)?projects?(\/|$)/, 15],
  [/^(POST|PUT|PATCH|DELETE) \/v1\/[^?]+\/(rows|documents)(\/|$)/, 8],
  [/^POST \/v1\/(users|account(\/sessions\/email)?)$/, 177],
  [/^GET \/v1\/(organization\/)?projects?(\/|$)/, 10],
  [/^GET /, 5],
  [/^/, 10],
];

/** With eight creators at once the real server still made no more than 3.4 projects a second. */
const CREATE_INTERVAL_MS = 1000 / 3.4;

/** Stretches answers to the recorded time of the real server. */
export class RecordedLatency {
  #nextCreate = 0;

  /** Runs `work`, then waits until the answer has taken as long as the real one. */
  async stretch<T>(method: string, path: string, work: () => Promise<T>): Promise<T> {
    const call = `${method} ${path}`;
    const duration = RECORDED.find(([pattern]) => pattern.test(call))?.[1] ?? 0;
    const started = performance.now();
    const begin = duration === 391 ? this.#queueCreate(started) : started;
    const result = await work();
    const rest = begin + duration - performance.now();
    if (rest > 0) await sleep(rest);
    return result;
  }

  #queueCreate(now: number): number {
    const begin = Math.max(now, this.#nextCreate);
    this.#nextCreate = begin + CREATE_INTERVAL_MS;
    return begin;
  }
}
