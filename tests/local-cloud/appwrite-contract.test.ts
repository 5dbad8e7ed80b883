import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAppwriteStandIn, type StandIn } from '@/lib/local-cloud/appwrite/server';
import { inOrder, reasonToLeaveOut, stepFor } from './contract/plan';
import { readRecordings } from './contract/recordings';
import { replay } from './contract/replay';
import { World } from './contract/world';
import { startStandIn, type RunningStandIn } from './stand-in';

/** Below this the stand-in has become less like the real server: raise it with every exchange won, never lower it. */
const FLOOR = 650;

let running: RunningStandIn;
let closed: { standIn: StandIn; url: string; close(): Promise<void> };

beforeAll(async () => {
  running = await startStandIn({ settings: { consoleSignUp: 'open', columnDelayMs: 150 } });
  const standIn = await createAppwriteStandIn({ databaseUrl: running.databaseUrl, dataDir: running.dataDir, mode: 'local', log: () => undefined });
  closed = { standIn, ...(await standIn.listen(0)) };
});

afterAll(async () => {
  await closed.close();
  await closed.standIn.stop();
  await running.stop();
});

it('answers the recorded requests as the real server did', { timeout: 120_000 }, async () => {
  const { exchanges, summaries } = readRecordings();
  const world = new World(running.url, closed.url, running.standIn.faults);
  const reasons = new Map<string, number>();
  const failures: string[] = [];
  let covered = 0;
  let partly = 0;
  for (const exchange of inOrder(exchanges)) {
    const reason = reasonToLeaveOut(exchange.name);
    if (reason !== undefined) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      continue;
    }
    const step = stepFor(exchange.name);
    const differences = await replay(world, exchange, step).catch((error: unknown) => [String(error)]);
    if (differences.length === 0 && (step.shapeOnly === true || step.ignore !== undefined)) partly += 1;
    if (differences.length === 0) covered += 1;
    else failures.push(`${exchange.name}\n    ${differences.join('\n    ')}`);
  }
  const report = [
    `covered ${covered} of ${exchanges.length} recorded exchanges (${partly} of them without values that come from bytes or runs that were not recorded)`,
    ...[...reasons].map(([reason, count]) => `  ${count} left out: ${reason}`),
    `  and ${summaries.length} files that are no exchanges (summaries, timings, and the matrices with tests of their own)`,
  ];
  process.stdout.write(`${report.join('\n')}\n`);
  expect(failures).toEqual([]);
  expect(covered).toBeGreaterThanOrEqual(FLOOR);
});
