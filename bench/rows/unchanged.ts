import { percent, rate, type Finding } from '../support/finding';
import { inTurn, sameList } from '../support/questions';
import { contest, ratio, type Contest } from '../support/rounds';
import type { Server, Stage } from '../support/stage';
import type { World } from '../support/data';

/** Answers that need no database: the session check alone, and a list that did not change since the last call. */
export async function unchanged(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const [floor, ours] = [await stage.floor('api', world), await stage.studio(world)];
  try {
    const tags = await etags(world, ours);
    const load = { connections: 32, seconds: stage.seconds, warmUpSeconds: 1 };
    const result = await contest(
      {
        floor: { ...load, url: floor.url, ask: inTurn(world.owners, (cookie) => ({ path: '/session', headers: { cookie } })) },
        session: { ...load, url: ours.url, ask: inTurn(world.owners, (cookie) => ({ path: '/api/v1/auth/session', headers: { cookie } })) },
        cached: { ...load, url: ours.url, ask: sameList(world) },
        notModified: { ...load, url: ours.url, ask: sameList(world, (cookie) => ({ cookie, 'if-none-match': tags.get(cookie) ?? '' })), status: 304 },
      },
      stage.rounds,
    );
    const finding = (what: string, measured: Contest, target: number): Finding => {
      const reached = ratio(measured, result.floor);
      return {
        what,
        limit: `cookie and Redis session: ${rate(result.floor.perSecond)}`,
        ours: rate(measured.perSecond),
        reached: percent(reached),
        target: `≥ ${percent(target)}`,
        pass: reached >= target,
      };
    };
    return [
      finding('session check alone', result.session, 0.7),
      finding('list, unchanged: 200 from the response cache', result.cached, 0.5),
      finding('list, unchanged: 304 by ETag', result.notModified, 0.5),
    ];
  } finally {
    await Promise.all([floor.stop(), ours.stop()]);
  }
}

async function etags(world: World, { url }: Server): Promise<Map<string, string>> {
  const tags = new Map<string, string>();
  for (const { cookie, organizations } of world.owners) {
    const answer = await fetch(`${url}/api/v1/projects?organization_id=${organizations[0]?.id}&limit=25`, { headers: { cookie } });
    const tag = answer.headers.get('etag');
    if (!answer.ok || tag === null) throw new Error(`the list answered ${answer.status} without an ETag`);
    tags.set(cookie, tag);
  }
  return tags;
}
