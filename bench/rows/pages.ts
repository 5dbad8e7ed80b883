import { gzipSync } from 'node:zlib';
import { buildBareNext } from '../floors/next-app';
import { percent, rate, type Finding } from '../support/finding';
import { organizationPage } from '../support/questions';
import { contest, ratio } from '../support/rounds';
import { root, type Stage } from '../support/stage';

const mostScriptBytes = 150_000;

/** A page of the studio for somebody who is signed in: how fast it is rendered, and what the browser loads for it. */
export async function pages(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const [bare, ours] = [await stage.nextApp(await buildBareNext(root)), await stage.studio(world)];
  try {
    const ask = organizationPage(world);
    const { path, headers } = ask();
    const scripts = await scriptBytes(ours.url, path, headers ?? {});
    const load = { connections: 8, seconds: stage.seconds, warmUpSeconds: 1.5 };
    const result = await contest(
      { bare: { ...load, url: bare.url, ask: () => ({ path: '/' }) }, ours: { ...load, url: ours.url, ask } },
      stage.rounds,
    );
    const reached = ratio(result.ours, result.bare);
    return [
      {
        what: 'studio page, signed in: pages',
        limit: `bare dynamic Next page: ${rate(result.bare.perSecond)}, ${kilobytes(result.bare.bodyBytes)} of HTML`,
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
    await Promise.all([bare.stop(), ours.stop()]);
  }
}

/** Every script that the page names, in tags and in what React streams along, save those for browsers without modules. */
async function scriptBytes(url: string, path: string, headers: Record<string, string>): Promise<{ files: number; bytes: number }> {
  const answer = await fetch(url + path, { headers, redirect: 'manual' });
  const html = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  const legacy = new Set([...html.matchAll(/<script[^>]*\bnomodule\b[^>]*>/gi)].flatMap(([tag]) => /static\/[^"?]+\.js/.exec(tag) ?? []));
  const names = new Set([...html.matchAll(/static\/chunks\/[^"'\\?]+\.js/g)].map(([name]) => name));
  const sizes = await Promise.all(
    [...names].filter((name) => !legacy.has(name)).map(async (name) => {
      const script = await fetch(`${url}/_next/${name}`);
      if (!script.ok) throw new Error(`${name} answered ${script.status}`);
      return gzipSync(Buffer.from(await script.arrayBuffer())).byteLength;
    }),
  );
  if (sizes.length === 0) throw new Error(`${path} names no script`);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}
