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

it('replays every recorded column, value, row id and relationship', () => {
  process.stdout.write(`covered ${results.filter(({ differences }) => differences.length === 0).length} of ${columnSteps().length} recorded column steps\n`);
  expect(results).toHaveLength(columnSteps().length);
});

it('keeps and refuses values as the real server does', () => {
  const wrong = results.filter(({ differences }) => differences.length > 0).map(({ label, differences }) => `${label}\n    ${differences.join('\n    ')}`);
  expect(wrong).toEqual([]);
});
