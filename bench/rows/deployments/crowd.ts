import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { withOwner } from '../../support/kept-database';
import { inLab, type DeployLab, type Project } from '../../support/deploy-lab';
import { ms, times, type Finding } from '../../support/finding';
import { load, type Measured } from '../../support/load';
import { sameList } from '../../support/questions';
import { median } from '../../support/statistics';
import type { Stage } from '../../support/stage';

const wanted = 100;
const organizations = 20;
/** What an app and its build weigh, generously. */
const bytesEach = 100 * 2 ** 20;
const mostOverQuiet = 2;
const longestMs = 15 * 60_000;

/** A hundred projects are deployed in the same moment: whether each comes through, and what it costs those who only read a list. */
export function deployCrowd(stage: Stage): Promise<Finding[]> {
  return inLab(stage, { organizations }, async (lab) => {
    const count = Math.min(wanted, Math.floor(freemem() / bytesEach));
    const projects = await lab.projects(count);
    await steadily(lab, stage, 1);
    const before = await steadily(lab, stage, stage.rounds);
    await lab.railway.forget();
    const startedMs = performance.now();
    const asked = await Promise.allSettled(projects.map((project) => lab.deploy(project)));
    const answeredMs = performance.now() - startedMs;
    const ended = watch(lab, projects);
    const busy: Measured[] = [];
    while (!ended.yet()) busy.push(...(await steadily(lab, stage, 1)));
    const states = await ended.states;
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const begun = (await lab.railway.requests()).filter(({ name }) => name === 'serviceInstanceDeployV2').length;
    const after = await steadily(lab, stage, stage.rounds);
    const refusals = asked.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
    if (refusals.length > 0) console.error(`${refusals.length} were refused, the first one with:\n${refusals[0]}`);
    return [through({ count, states, refused: refusals.length, begun, seconds, answeredMs }), slowed([...before, ...after], busy)];
  });
}

/** Somebody's list, again and again, at a steady pace. */
async function steadily(lab: DeployLab, stage: Stage, rounds: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    measured.push(await load({ url: lab.studio.url, ask: sameList(lab.world), connections: 16, perSecond: 25, seconds: stage.seconds }));
  }
  return measured;
}

interface Outcome {
  count: number;
  /** How many deployments ended in which state. */
  states: Record<string, number>;
  refused: number;
  /** How many the stand-in was asked for. */
  begun: number;
  seconds: number;
  answeredMs: number;
}

function through({ count, states, refused, begun, seconds, answeredMs }: Outcome): Finding {
  const up = states['SUCCESS'] ?? 0;
  const others = Object.entries(states).filter(([status]) => status !== 'SUCCESS').map(([status, number]) => `${number} ${status}`);
  return {
    what: `${count} deployments at once, in ${organizations} organizations`,
    limit: `asked of the stand-in: ${begun}`,
    ours: [`all answered within ${ms(answeredMs)}`, `${up} up within ${seconds} s`, ...others, ...(refused === 0 ? [] : [`${refused} refused`])].join(', '),
    reached: `${count - up} failed`,
    target: '0 failed',
    pass: up === count && begun === count,
  };
}

function slowed(quiet: readonly Measured[], busy: readonly Measured[]): Finding {
  const p99 = (rounds: readonly Measured[]) => median(rounds.map((round) => round.p99));
  const reached = p99(busy) / p99(quiet);
  return {
    what: 'p99 of other requests under them',
    limit: `before and after: ${ms(p99(quiet))}`,
    ours: `${ms(p99(busy))} (${busy.length} rounds)`,
    reached: times(reached),
    target: `≤ ${times(mostOverQuiet)}`,
    pass: reached <= mostOverQuiet,
  };
}

/** Looks now and then, in the database: asking the API for a hundred states would be a load of its own. */
function watch({ world }: DeployLab, projects: readonly Project[]): { yet(): boolean; states: Promise<Record<string, number>> } {
  let over = false;
  const states = withOwner(world.ownerUrl, async (client) => {
    for (const deadlineMs = performance.now() + longestMs; performance.now() < deadlineMs; await sleep(250)) {
      const { rows } = await client.query<{ status: string; number: number; moving: boolean }>(
        `select d.status, count(*)::int as number, bool_or(d.finished_at is null) as moving
           from deployments d join projects p on p.organization_id = d.organization_id and p.id = d.project_id where p.public_id = any($1) group by 1`,
        [projects.map(({ id }) => id)],
      );
      if (rows.length === 0) throw new Error('not one deployment was begun');
      if (!rows.some(({ moving }) => moving)) return Object.fromEntries(rows.map(({ status, number }) => [status, number]));
    }
    throw new Error(`the deployments have not ended after ${longestMs / 60_000} minutes`);
  }).finally(() => {
    over = true;
  });
  // Heard when it is awaited, after the round that is being measured.
  states.catch(() => undefined);
  return { yet: () => over, states };
}
