import { z } from 'zod';
import { waitFor } from '@/tests/support/wait-for';
import { inLab, type Project } from '../../support/deploy-lab';
import { readEvents } from '../../support/event-stream';
import { ms, type Finding } from '../../support/finding';
import { median, percentile } from '../../support/statistics';
import type { Stage } from '../../support/stage';

const Lines = z.array(z.object({ message: z.string() }));
const mostMs = 300;
const count = 300;
const everyMs = 10;

/** How long a line takes from the app that writes it to somebody who reads along by the API. */
export function deployLogs(stage: Stage): Promise<Finding[]> {
  return inLab(stage, { organizations: 1 }, async (lab) => {
    const project = await lab.project();
    const deployment = await lab.up(project, (await lab.deploy(project)).id);
    const stream = `${lab.studio.url}/api/v1/projects/${project.id}/deployments/${deployment.id}/logs/stream?kind=runtime`;
    const rounds: number[][] = [];
    for (let round = 0; round < stage.rounds; round += 1) rounds.push(await readAlong(project, stream, deployment.url ?? ''));
    const of = (share: number) => median(rounds.map((tookMs) => percentile(tookMs, share)));
    const p95 = of(0.95);
    return [
      {
        what: 'a line of a log, from the app to its reader',
        limit: `${rounds.length} × ${count} lines, one each ${everyMs} ms`,
        ours: `p50 ${ms(of(0.5))}, p95 ${ms(p95)}, the slowest ${ms(Math.max(...rounds.flat()))}`,
        reached: ms(p95),
        target: `p95 ≤ ${mostMs} ms`,
        pass: p95 <= mostMs,
      },
    ];
  });
}

/** @returns how long each line took, ascending; app and reader share the clock of this machine */
async function readAlong({ cookie }: Project, stream: string, appUrl: string): Promise<number[]> {
  const tookMs: number[] = [];
  const seen = new Set<number>();
  const ending = new AbortController();
  const startedAt = Date.now();
  let connected = false;
  const reading = readEvents(stream, cookie, (event, data) => {
    if (event !== 'lines') return;
    const nowMs = Date.now();
    connected = true;
    for (const { message } of Lines.parse(JSON.parse(data))) {
      const [word, number, writtenMs] = message.split(' ');
      // Whoever comes later is shown the lines of earlier rounds first.
      if (word !== 'line' || Number(writtenMs) < startedAt) continue;
      seen.add(Number(number));
      tookMs.push(nowMs - Number(writtenMs));
    }
  }, ending.signal);
  // Told by what it interrupts; a stream that ends by itself is found out by the wait.
  reading.catch(() => undefined);
  try {
    await waitFor(() => connected, { what: 'the first lines', withinMs: 20_000 });
    await fetch(`${appUrl}/?lines=${count}&every=${everyMs}`);
    await waitFor(() => seen.size === count, { what: `${count} lines`, withinMs: 60_000 });
  } finally {
    ending.abort();
  }
  if (tookMs.length !== count) throw new Error(`${count} lines were shown ${tookMs.length} times`);
  return tookMs.sort((a, b) => a - b);
}
