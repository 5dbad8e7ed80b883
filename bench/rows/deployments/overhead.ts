import { anyFreePort } from '../../../scripts/lib/ports.mjs';
import { inLab, type DeployLab } from '../../support/deploy-lab';
import { ms, percent, type Finding } from '../../support/finding';
import { median } from '../../support/statistics';
import type { Stage } from '../../support/stage';

const mostShare = 0.1;

interface Pair {
  floorMs: number;
  oursMs: number;
}

/** What Studio adds to the time from nothing to an app that is up: the same calls, made by nobody's saga, are the floor. */
export function deployTime(stage: Stage): Promise<Finding[]> {
  return inLab(stage, { organizations: 1 }, async (lab) => {
    const floor = await openFloor(stage, lab);
    try {
      const pairs = await compare(lab, floor.deploy, 2 * stage.rounds);
      const reached = median(pairs.map(({ floorMs, oursMs }) => oursMs / floorMs)) - 1;
      return [
        {
          what: 'deploy: from the request to an app that is up',
          limit: `the same calls straight to the stand-in, which builds and starts: ${ms(median(pairs.map(({ floorMs }) => floorMs)))}`,
          ours: `${ms(median(pairs.map(({ oursMs }) => oursMs)))}; ${ms(median(pairs.map(({ floorMs, oursMs }) => oursMs - floorMs)))} more`,
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
    const ours = () => timed(lab, async () => void (await lab.up(project, (await lab.deploy(project)).id)));
    // Every other round the other way round, so that neither always follows the other.
    const first = await (round % 2 === 0 ? floor : ours)();
    const second = await (round % 2 === 0 ? ours : floor)();
    if (first.calls !== second.calls) throw new Error(`the floor and Studio do not ask the same:\n${first.calls}\n${second.calls}`);
    pairs.push(round % 2 === 0 ? { floorMs: first.tookMs, oursMs: second.tookMs } : { floorMs: second.tookMs, oursMs: first.tookMs });
  }
  // Fresh processes compile what they run, so the first round does not count.
  return pairs.slice(1);
}

async function timed({ railway }: DeployLab, work: () => Promise<void>): Promise<{ tookMs: number; calls: string }> {
  await railway.forget();
  const startedMs = performance.now();
  await work();
  const tookMs = performance.now() - startedMs;
  // How often it is looked at depends on the moment.
  const calls = (await railway.requests()).map(({ name }) => name).filter((name) => name !== 'deployment');
  return { tookMs, calls: calls.join(' ') };
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
