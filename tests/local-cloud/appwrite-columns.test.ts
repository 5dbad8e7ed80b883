import { afterAll, beforeAll, expect, it } from 'vitest';
import { columnSteps, replayColumns, type ColumnResult } from './contract/columns';
import { addUser, PROJECT, startTenant } from './contract/tenant';
import type { RunningStandIn } from './stand-in';

let running: RunningStandIn;
let results: ColumnResult[];

beforeAll(async () => {
  const tenant = await startTenant();
  running = tenant.running;
  await addUser(tenant.world, 'user1');
  await tenant.world.must('POST', '/v1/tablesdb', tenant.key, { databaseId: 'cd', name: 'cd' });
  results = await replayColumns(tenant.world, PROJECT, 'user1');
});

afterAll(() => running.stop());

it('replays every recorded column, value and row id', () => {
  const relationships = columnSteps().filter(({ step }) => step === 'relationship').length;
  process.stdout.write(`covered ${results.filter(({ differences }) => differences.length === 0).length} of ${results.length + relationships} recorded column steps (${relationships} about relationships are left out)\n`);
  expect(results.length).toBeGreaterThanOrEqual(127);
});

it('keeps and refuses values as the real server does', () => {
  const wrong = results.filter(({ differences }) => differences.length > 0).map(({ label, differences }) => `${label}\n    ${differences.join('\n    ')}`);
  expect(wrong).toEqual([]);
});
