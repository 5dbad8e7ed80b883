import { percent, rate, type Finding } from '../support/finding';
import { load } from '../support/load';
import { freshList } from '../support/questions';
import type { Stage } from '../support/stage';
import { median } from '../support/statistics';

const inFlight = { peak: 32, overload: 600 };
const share = 0.9;

/**
 * What is left of the most that a server can do when it is asked three times as much: every request is due at its time
 * and sent as soon as its connection has its answer to the one before, on as many connections as a crowd has. Turned away
 * with 429 or 503 is allowed, and does not count as done.
 */
export async function overload(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const ours = await stage.studio(world);
  const asked = { url: ours.url, ask: freshList(world), seconds: stage.seconds, warmUpSeconds: 1, shed: [429, 503] };
  try {
    const peaks: number[] = [];
    const kept: number[] = [];
    let turnedAway = 0;
    // A server that has just started still compiles what it is asked.
    await load({ ...asked, warmUpSeconds: 0, connections: inFlight.overload, requests: 10_000 });
    for (let round = 0; round < stage.rounds; round += 1) {
      const peak = await load({ ...asked, connections: inFlight.peak });
      const crowded = await load({ ...asked, connections: inFlight.overload, perSecond: (3 * peak.perSecond) / inFlight.overload });
      peaks.push(peak.perSecond);
      kept.push(crowded.perSecond / peak.perSecond);
      turnedAway += crowded.turnedAway;
    }
    const reached = median(kept);
    return [
      {
        requirements: ['F7'],
        what: `lists answered while three times as many are asked for, over ${inFlight.overload} connections`,
        limit: `the most with ${inFlight.peak} in flight: ${rate(median(peaks))}`,
        ours: `${rate(reached * median(peaks))}, ${turnedAway} turned away`,
        reached: percent(reached),
        target: `≥ ${percent(share)}`,
        pass: reached >= share,
      },
    ];
  } finally {
    await ours.stop();
  }
}
