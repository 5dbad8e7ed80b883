import { setTimeout as sleep } from 'node:timers/promises';
import { inLab } from '../support/deploy-lab';
import { ms, percent, rate, times, type Curve, type Finding } from '../support/finding';
import { load, type Measured } from '../support/load';
import { lastThirds, slopeOf } from '../support/regression';
import { ordinaryHour, renames } from '../support/soak/mix';
import { sample, type Sample } from '../support/soak/samples';
import type { Stage } from '../support/stage';

const connections = 32;
const organizations = 4;
const projectsTogether = 16;
/** A rename of each project every sixteen seconds: one that is under way refuses the next. */
const renamesPerSecond = 1;
const mostGrowth = 0.05;
/** What the growth is below with the certainty of its interval: a run too noisy to tell has told nothing. */
const surelyBelow = 0.1;
const mostOver = 1.2;
/** Growth is told for this long. */
const overMinutes = 30;
/** A process that is just warm still takes what it will keep: in a shorter run nothing can be told of growth, and its size is judged instead. */
const fewestMinutes = 10;
const mostMb = 300;

interface Window extends Sample {
  minute: number;
  p99: number;
}

/** Half an hour of ordinary work at half of what the server can do: nothing may grow with time alone. */
export function soak(stage: Stage): Promise<Finding[]> {
  return inLab(stage, { organizations, size: stage.sizes(10_000, 100_000).at(-1) ?? 10_000 }, async ({ world, studio, worker, projects }) => {
    const made = await projects(projectsTogether);
    const ask = ordinaryHour(world, made, studio.url);
    const most = await load({ url: studio.url, ask, connections, seconds: 3 * stage.seconds, warmUpSeconds: 2 * stage.seconds });
    const perSecond = most.perSecond / 2;
    const everySeconds = stage.soakMinutes < 5 ? 2 : 10;
    const ending = new AbortController();
    const renaming = load({ url: studio.url, ask: renames(made, studio.url), connections: 1, perSecond: renamesPerSecond, seconds: 0, warmUpSeconds: 0, until: ending.signal });
    // Told when it is awaited, after the last window.
    renaming.catch(() => undefined);
    const windows: Window[] = [];
    const startedMs = performance.now();
    try {
      while (windows.length * everySeconds < stage.soakMinutes * 60) {
        const minute = (performance.now() - startedMs) / 60_000;
        const asked = load({ url: studio.url, ask, connections, perSecond: perSecond / connections, seconds: everySeconds, warmUpSeconds: 0 });
        const seen = sleep((everySeconds * 1000) / 2).then(() => sample(studio, worker, world));
        const [{ p99 }, held] = await Promise.all([asked, seen]);
        windows.push({ minute, p99, ...held });
      }
    } finally {
      ending.abort();
    }
    const renamed = await renaming;
    return findings(windows, { minutes: stage.soakMinutes, perSecond, most, renamed });
  });
}

interface Work {
  minutes: number;
  perSecond: number;
  most: Measured;
  renamed: Measured;
}

function findings(windows: readonly Window[], { minutes, perSecond, most, renamed }: Work): Finding[] {
  const during = `${minutes} min at ${rate(perSecond)}, half of ${rate(most.perSecond)}, and ${renamed.requests} renames by the worker`;
  const curve = (title: string, unit: string, of: (window: Window) => number, limit: number): Curve => ({
    title: `soak: ${title}`, of: 'minutes', unit, axis: 'linear', points: windows.map((window) => ({ at: window.minute, ours: of(window), limit })),
  });

  const memory = (who: string, of: (window: Window) => number): Finding => {
    const { perUnit, uncertain, mean } = slopeOf(windows.slice(Math.floor(windows.length / 3)).map((window) => ({ at: window.minute, value: of(window) })));
    const [grown, give] = [perUnit * overMinutes, uncertain * overMinutes];
    const largest = Math.max(...windows.map(of));
    if (minutes < fewestMinutes) {
      return {
        what: `soak: memory of the ${who}`, limit: during, ours: `${Math.round(mean)} MB on average`, reached: `${Math.round(largest)} MB at most`,
        target: `≤ ${mostMb} MB; growth is judged in ${fewestMinutes} min and more`, pass: largest <= mostMb, curve: curve(`memory of the ${who}`, 'MB', of, mostMb),
      };
    }
    // What falls is no leak.
    const pass = grown <= mostGrowth * mean && grown + give <= surelyBelow * mean;
    return {
      what: `soak: memory of the ${who}, last two thirds`,
      limit: during,
      ours: `${Math.round(mean)} MB on average`,
      reached: `${signed(grown)} ± ${give.toFixed(1)} MB in ${overMinutes} min`,
      target: `≤ ${percent(mostGrowth)}, surely ≤ ${percent(surelyBelow)}`,
      pass,
      curve: curve(`memory of the ${who}`, 'MB', of, mean * (1 + mostGrowth)),
    };
  };

  const flat = (what: string, unit: string, of: (window: Window) => number, slack: number, show: (value: number) => string): Finding => {
    const { before, last } = lastThirds(windows.map(of));
    return {
      what: `soak: ${what}`,
      limit: `middle third: ${show(before)}`,
      ours: `last third: ${show(last)}`,
      reached: slack > 0 ? `${signed(last - before)}` : times(last / before),
      target: slack > 0 ? `≤ ${slack} more` : `≤ ${times(mostOver)}`,
      pass: slack > 0 ? last - before <= slack : last <= mostOver * before,
      curve: curve(what, unit, of, slack > 0 ? before + slack : mostOver * before),
    };
  };

  const number = (value: number) => String(value);
  return [
    memory('server', ({ serverMb }) => serverMb),
    memory('worker', ({ workerMb }) => workerMb),
    flat('open files and sockets of both', '', ({ descriptors }) => descriptors, 2, number),
    flat('handles of the server', '', ({ handles }) => handles, 2, number),
    flat('connections to Postgres', '', (window) => window.connections, 2, number),
    flat('p99 of all answers', 'ms', ({ p99 }) => p99, 0, ms),
    flat('p99 of the delay of the event loop', 'ms', ({ lagMs }) => lagMs, 0, ms),
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
