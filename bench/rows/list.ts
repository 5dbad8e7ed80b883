import { percent, rate, times, type Finding } from '../support/finding';
import { freshList } from '../support/questions';
import { contest, ratio } from '../support/rounds';
import type { Stage } from '../support/stage';
import type { World } from '../support/data';
import { withOwner } from '../support/kept-database';

/** The list of projects, read from the database each time: against bare Hono, and against the same doors behind Next. */
export async function list(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const [floor, ours, next] = [await stage.floor('api', world), await stage.studio(world), await stage.nextOnly(world)];
  try {
    await refuseUnlikeAnswers(world, `${floor.url}/projects`, `${ours.url}/api/v1/projects`);
    const before = await transactions(world);
    const load = { connections: 32, seconds: stage.seconds, warmUpSeconds: 1 };
    const result = await contest(
      {
        floor: { ...load, url: floor.url, ask: freshList(world, '/projects') },
        ours: { ...load, url: ours.url, ask: freshList(world) },
        next: { ...load, url: next.url, ask: freshList(world) },
      },
      stage.rounds,
    );
    const asked = [result.floor, result.ours, result.next].flatMap(({ rounds }) => rounds).reduce((sum, { requests }) => sum + requests, 0);
    const read = (await transactions(world)) - before;
    if (read < asked) throw new Error(`${asked} lists were answered out of ${read} transactions: some came from a cache`);
    const [ofFloor, ofNext] = [ratio(result.ours, result.floor), ratio(result.ours, result.next)];
    return [
      {
        what: 'list of projects: 25 of 10⁶ rows',
        limit: `bare Hono, same SQL: ${rate(result.floor.perSecond)}`,
        ours: rate(result.ours.perSecond),
        reached: percent(ofFloor),
        target: '≥ 70 %',
        pass: ofFloor >= 0.7,
      },
      {
        what: 'the same behind a Next route',
        limit: `the same doors in \`next start\`: ${rate(result.next.perSecond)}`,
        ours: rate(result.ours.perSecond),
        reached: times(ofNext),
        target: '≥ 2.50 ×',
        pass: ofNext >= 2.5,
      },
    ];
  } finally {
    await Promise.all([floor.stop(), ours.stop(), next.stop()]);
  }
}

/** A floor that answers something else than the product is no floor. */
async function refuseUnlikeAnswers({ people }: World, ...urls: string[]): Promise<void> {
  for (const person of people.slice(0, 3)) {
    const bodies = await Promise.all(
      urls.map(async (url) => {
        const answer = await fetch(`${url}?organization_id=${person.organizations[0]?.id}&limit=25`, { headers: { cookie: person.cookie } });
        return answer.text();
      }),
    );
    const rows = bodies[0]?.split('"organization_id"').length ?? 0;
    if (rows !== 26 || new Set(bodies).size !== 1) throw new Error(`the servers do not answer the same 25 rows:\n${bodies.join('\n')}`);
  }
}

async function transactions({ ownerUrl }: World): Promise<number> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ committed: string }>(`select xact_commit as committed from pg_stat_database where datname = current_database()`);
    return Number(rows[0]?.committed);
  });
}
