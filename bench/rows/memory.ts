import type { Finding } from '../support/finding';
import { load } from '../support/load';
import { freshList, organizationPage, sameList } from '../support/questions';
import type { Stage } from '../support/stage';

const most = 250;

/** Resident memory of the server process after 10⁵ requests: pages, lists read anew, and cached ones. */
export async function memory(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const ours = await stage.studio(world);
  try {
    const atStart = await ours.rssMb();
    const run = { url: ours.url, seconds: 0, warmUpSeconds: 0 };
    await load({ ...run, connections: 8, requests: 4_000, ask: organizationPage(world) });
    await load({ ...run, connections: 32, requests: 16_000, ask: freshList(world) });
    await load({ ...run, connections: 32, requests: 80_000, ask: sameList(world) });
    const after = await ours.rssMb();
    return [
      {
        what: 'memory of the server after 10⁵ requests, 4,000 pages among them',
        limit: `at the start ${Math.round(atStart)} MB`,
        ours: `${Math.round(after)} MB`,
        reached: `${Math.round(after)} MB`,
        target: `≤ ${most} MB`,
        pass: after <= most,
      },
    ];
  } finally {
    await ours.stop();
  }
}
