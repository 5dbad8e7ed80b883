import { ms, times, type Finding } from '../support/finding';
import { sameList } from '../support/questions';
import { load, type Measured } from '../support/load';
import { median } from '../support/statistics';
import type { World } from '../support/data';
import { password } from '../support/worlds/organizations';
import type { Server, Stage } from '../support/stage';

const parallel = 200;

/**
 * What 200 people who sign in at once cost everybody else, who reads a list at a steady pace meanwhile. A bare server
 * that has no part in it is asked beside, so that the share of the machine itself is seen.
 */
export async function logins(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const [ours, bare] = [await stage.studio(world), await stage.floor('api', world)];
  const both = (seconds: number) => Promise.all([ask(world, ours, seconds), askBare(world, bare, seconds)]);
  try {
    await both(1);
    const quiet: Measured[][] = [];
    const busy: Measured[][] = [];
    let signedIn = 0;
    for (let round = 0; round < stage.rounds; round += 1) {
      quiet.push(await both(stage.seconds));
      const measured = new AbortController();
      const ended = keepSigningIn(world, ours, measured.signal);
      busy.push(await both(stage.seconds));
      measured.abort();
      signedIn += await ended;
    }
    const p99 = (rounds: Measured[][], which: 0 | 1) => rounds.map((round) => round[which]?.p99 ?? Number.NaN);
    const calm = p99(quiet, 0);
    const reached = median(p99(busy, 0).map((ms99, round) => ms99 / (calm[round] ?? Number.NaN)));
    return [
      {
        requirements: ['A9'],
        what: `p99 of other requests under ${parallel} parallel logins`,
        limit: `without logins: ${ms(median(calm))}; a bare server beside it: ${ms(median(p99(quiet, 1)))}, under them ${ms(median(p99(busy, 1)))}`,
        ours: `${ms(median(p99(busy, 0)))} (${signedIn} logins)`,
        reached: times(reached),
        target: '≤ 2.00 ×',
        pass: reached <= 2,
      },
    ];
  } finally {
    await bare.stop();
    await ours.stop();
  }
}

function ask(world: World, { url }: Server, seconds: number): Promise<Measured> {
  return load({ url, ask: sameList(world), connections: 16, perSecond: 25, seconds });
}

function askBare({ owners }: World, { url }: Server, seconds: number): Promise<Measured> {
  return load({ url, ask: () => ({ path: '/session', headers: { cookie: owners[0]?.cookie ?? '' } }), connections: 16, perSecond: 25, seconds });
}

/** Keeps 200 sign-ins in flight. @returns how many there were */
async function keepSigningIn({ owners }: World, { url }: Server, until: AbortSignal): Promise<number> {
  let turn = 0;
  const { requests } = await load({
    url,
    connections: parallel,
    seconds: 0,
    warmUpSeconds: 0,
    until,
    ask() {
      const { email } = owners[turn++ % owners.length] ?? {};
      return { path: '/api/v1/auth/login', method: 'POST', headers: { origin: url }, body: JSON.stringify({ email, password }) };
    },
  });
  return requests;
}
