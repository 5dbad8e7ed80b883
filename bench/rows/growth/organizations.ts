import type { World } from '../../support/data';
import type { Finding } from '../../support/finding';
import { grow } from '../../support/growth';
import { load, type Ask } from '../../support/load';
import { freshList, inTurn } from '../../support/questions';
import { connections } from '../../support/straight';
import type { Server, Stage } from '../../support/stage';

const most = 1.2;

interface Place {
  world: World;
  ours: Server;
  floor: Server;
}

/** The same questions among ever more organizations, each of which has ten projects on average. */
export async function organizationsGrow(stage: Stage): Promise<Finding[]> {
  const worlds: World[] = [];
  for (const organizations of stage.sizes(10, 100, 1_000, 10_000, 100_000)) worlds.push(await stage.world(organizations));
  await stage.warm();
  const places = await Promise.all(worlds.map(async (world): Promise<Place> => ({ world, ours: await stage.studio(world), floor: await stage.floor('api', world) })));
  const curve = async (what: string, ask: (world: World, ours: boolean) => Ask): Promise<Finding> => {
    const sizes = places.map(({ world, ours, floor }) => {
      // Few connections: with many, the time would be mostly the queue's.
      const asked = (server: Server, isOurs: boolean) => (seconds: number) => load({ url: server.url, ask: ask(world, isOurs), connections, seconds, warmUpSeconds: 0.2 });
      const [our, bare] = [asked(ours, true), asked(floor, false)];
      return { at: world.size, warmUp: () => Promise.all([our(1), bare(1)]), ours: () => our(stage.growth.seconds), limit: () => bare(stage.growth.seconds) };
    });
    for (const { warmUp } of sizes) await warmUp();
    return grow({ what, of: 'organizations', limitBy: 'bare Hono, same SQL', most, sizes, rounds: stage.growth.rounds });
  };
  try {
    return [
      await curve('list of projects', (world, ours) => freshList(world, ours ? '/api/v1/projects' : '/projects')),
      await curve('list of organizations', ({ owners }, ours) => inTurn(owners, (cookie) => ({ path: ours ? '/api/v1/organizations' : '/organizations', headers: { cookie } }))),
    ];
  } finally {
    await Promise.all(places.flatMap(({ ours, floor }) => [ours.stop(), floor.stop()]));
  }
}
