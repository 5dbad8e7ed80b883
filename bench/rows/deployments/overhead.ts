import { anyFreePort } from '../../../scripts/lib/ports.mjs';
import { inLab, type DeployLab } from '../../support/deploy-lab';
import { ms, percent, type Finding } from '../../support/finding';
import { median } from '../../support/statistics';
import type { Stage } from '../../support/stage';

const mostShare = 0.1;

interface Pair {
  floorMs: number;
  oursMs: number;
  /** Whether Railway was asked equally often how far it is: one look more is half a second, for either side, and depends on the moment. */
  alike: boolean;
}

/** What Studio adds to the time from nothing to an app that is up: the same calls, made by nobody's saga, are the floor. */
export function deployTime(stage: Stage): Promise<Finding[]> {
  return inLab(stage, { organizations: 1 }, async (lab) => {
    const floor = await openFloor(stage, lab);
    try {
      const all = await compare(lab, floor.deploy, 3 * stage.rounds);
      const pairs = all.filter(({ alike }) => alike);
      if (pairs.length < stage.rounds) throw new Error(`only ${pairs.length} of ${all.length} pairs can be compared`);
      const reached = median(pairs.map(({ floorMs, oursMs }) => oursMs / floorMs)) - 1;
      return [
        {
          what: 'deploy: from the request to an app that is up',
          limit: `the same calls straight to the stand-in, which builds and starts: ${ms(median(pairs.map(({ floorMs }) => floorMs)))}`,
          ours: `${ms(median(pairs.map(({ oursMs }) => oursMs)))}; ${ms(median(pairs.map(({ floorMs, oursMs }) => oursMs - floorMs)))} more (${pairs.length} of ${all.length} pairs, looked at equally often)`,
          reached: `${percent(reached)} more`,
          target: `≤ ${percent(mostShare)} more`,
          pass: reached <= mostShare,
        },
      ];
    } finally {
      await floor.stop();
    }
  });
}

async function compare(lab: DeployLab, direct: (name: string) => Promise<void>, rounds: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const [round, project] of (await lab.projects(rounds + 1)).entries()) {
    const floor = () => timed(lab, () => direct(`direct-${round}`));
    const ours = () => timed(lab, async () => lab.isUp((await lab.deploy(project)).id));
    // Every other round the other way round, so that neither always follows the other.
    const first = await (round % 2 === 0 ? floor : ours)();
    const second = await (round % 2 === 0 ? ours : floor)();
    if (first.calls !== second.calls) throw new Error(`the floor and Studio do not ask the same:\n${first.calls}\n${second.calls}`);
    const [bare, studio] = round % 2 === 0 ? [first, second] : [second, first];
    pairs.push({ floorMs: bare.tookMs, oursMs: studio.tookMs, alike: bare.looks === studio.looks });
  }
  // Fresh processes compile what they run, so the first round does not count.
  return pairs.slice(1);
}

async function timed({ railway }: DeployLab, work: () => Promise<void>): Promise<{ tookMs: number; calls: string; looks: number }> {
  await railway.forget();
  const startedMs = performance.now();
  await work();
  const tookMs = performance.now() - startedMs;
  const asked = (await railway.requests()).map(({ name }) => name);
  const calls = asked.filter((name) => name !== 'deployment');
  return { tookMs, calls: calls.join(' '), looks: asked.length - calls.length };
}

async function openFloor(stage: Stage, { railway }: DeployLab): Promise<{ deploy(name: string): Promise<void>; stop(): Promise<void> }> {
  const port = String(await anyFreePort());
  const args = [port, railway.endpoint, railway.token, railway.source.repository, railway.source.start_command];
  const { stop } = await stage.process('floor-deploy', ['--import', 'tsx', 'bench/floors/deploy.ts', ...args], {});
  return {
    stop,
    async deploy(name) {
      const answer = await fetch(`http://127.0.0.1:${port}/${name}`, { method: 'POST' });
      if (!answer.ok) throw new Error(`the floor failed: ${await answer.text()}`);
    },
  };
}
