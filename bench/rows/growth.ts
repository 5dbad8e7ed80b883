import { ms, times, type Finding } from '../support/finding';
import { freshList } from '../support/questions';
import { contest } from '../support/rounds';
import type { Stage } from '../support/stage';

/** The same list among 10, 10⁴ and 10⁵ organizations. */
export async function growth(stage: Stage): Promise<Finding[]> {
  const worlds = [await stage.world(10), await stage.world(10_000), await stage.world(100_000)] as const;
  const servers = await Promise.all(worlds.map((world) => stage.studio(world)));
  try {
    const [small, middle, large] = servers.map(({ url }, index) => {
      const world = worlds[index];
      if (world === undefined) throw new Error('a server without a world');
      // Few connections: with many, the time would be mostly the queue's.
      return { url, ask: freshList(world), connections: 4, seconds: stage.seconds, warmUpSeconds: 1 };
    });
    if (small === undefined || middle === undefined || large === undefined) throw new Error('three servers are needed');
    const result = await contest({ small, middle, large }, stage.rounds);
    const p95s = [result.small.p95, result.middle.p95, result.large.p95];
    const reached = Math.max(...p95s) / Math.min(...p95s);
    return [
      {
        what: 'list at 10, 10⁴, 10⁵ organizations: p95',
        limit: 'flat',
        ours: p95s.map(ms).join(', '),
        reached: times(reached),
        target: '≤ 1.20 ×',
        pass: reached <= 1.2,
      },
    ];
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
