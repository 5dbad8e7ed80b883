import { buildBareNext } from '../floors/next-app';
import { percent, rate, type Finding } from '../support/finding';
import { organizationPage } from '../support/questions';
import { contest, ratio } from '../support/rounds';
import { mostScriptBytes, scriptBytes } from '../support/script-bytes';
import { root, type Stage } from '../support/stage';

/** A page of the studio for somebody who is signed in: how fast it is rendered, and what the browser loads for it. */
export async function pages(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const [floor, ours] = [await stage.nextApp(await buildBareNext(root), world), await stage.studio(world)];
  try {
    const ask = organizationPage(world);
    const { path, headers } = ask();
    const scripts = await scriptBytes(ours.url, path, headers ?? {});
    const load = { connections: 8, seconds: stage.seconds, warmUpSeconds: 1.5 };
    const result = await contest(
      {
        bare: { ...load, url: floor.url, ask: () => ({ path: '/bare' }) },
        floor: { ...load, url: floor.url, ask },
        ours: { ...load, url: ours.url, ask },
      },
      stage.rounds,
    );
    const reached = ratio(result.ours, result.floor);
    return [
      {
        what: 'studio page, signed in: pages',
        limit: `bare dynamic Next page, same SQL: ${rate(result.floor.perSecond)}, ${kilobytes(result.floor.bodyBytes)} of HTML (${rate(result.bare.perSecond)} without any)`,
        ours: `${rate(result.ours.perSecond)}, ${kilobytes(result.ours.bodyBytes)} of HTML`,
        reached: percent(reached),
        target: '≥ 60 %',
        pass: reached >= 0.6,
      },
      {
        what: 'studio page: JavaScript on first load, gzip',
        limit: kilobytes(mostScriptBytes),
        ours: `${kilobytes(scripts.bytes)} in ${scripts.files} files`,
        reached: kilobytes(scripts.bytes),
        target: `≤ ${kilobytes(mostScriptBytes)}`,
        pass: scripts.bytes <= mostScriptBytes,
      },
    ];
  } finally {
    await Promise.all([floor.stop(), ours.stop()]);
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}
