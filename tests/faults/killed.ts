import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type TestContext } from 'vitest';
import type { FaultPosition } from '@/lib/sagas/fault';
import type { TestStudio } from '../support/context';
import { figure, proof } from '../support/figure';
import type { StudioProcess } from '../support/studio';

/** Waits for the end of a worker that was told to kill itself. */
export async function demandKilled(doomed: StudioProcess): Promise<void> {
  await Promise.race([doomed.ended, sleep(60_000)]);
  expect(() => process.kill(doomed.pid, 0), 'the worker was to be killed there').toThrow('ESRCH');
}

/** What waits for a dead worker's lease is due now. */
export async function leasesRunOut({ raw }: Pick<TestStudio, 'raw'>): Promise<void> {
  await raw(`update sagas set leased_until = clock_timestamp() - interval '1 second' where leased_until is not null`);
  await raw(`update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null`);
}

/** One place of each way, drawn by the seed: with its call on the way, nobody knows what came of it. */
export function onePlaceOfEach<Place extends { position: FaultPosition }>(places: readonly Place[], wayOf: (place: Place) => string): Place[] {
  const sent = places.filter(({ position }) => position === 'sent');
  return [...new Set(sent.map(wayOf))].flatMap((way) => {
    const own = sent.filter((place) => wayOf(place) === way);
    return own.slice(proof.seed % own.length).slice(0, 1);
  });
}

/** Judges how long it took after each of so many kills, of which some may not have come to their end. */
export function judgeUnattended(context: Pick<TestContext, 'task'>, { until, seconds, places }: { until: string; seconds: readonly number[]; places: number }): void {
  const slowest = Math.max(...seconds);
  figure(context, {
    requirements: ['P1'],
    what: `Time from the kill of a worker process until ${until}, with nothing hurried`,
    reached: `at most ${slowest.toFixed(1)} s, at ${seconds.length} of ${places} places`,
    bound: '≤ 60 s, all',
    pass: slowest <= 60 && seconds.length === places && places > 0,
  });
}
