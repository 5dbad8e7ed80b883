import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { differences } from './contract/compare';
import { readRecording } from './contract/recordings';
import { listedRows } from './contract/rows';
import { addUser, startTenant } from './contract/tenant';
import type { World } from './contract/world';
import type { RunningStandIn } from './stand-in';

const recorded = readRecording('160-queries', z.array(z.object({
  label: z.string(), queries: z.array(z.string()), status: z.number(), total: z.number().nullish(), ids: z.array(z.string()).nullish(),
  error: z.unknown().optional(), firstRow: z.record(z.string(), z.unknown()).optional(),
})));
const page = z.object({ total: z.number(), rows: z.array(z.object({ $id: z.string() }).catchall(z.unknown())) });

let running: RunningStandIn;
let world: World;
let user: Record<string, string>;

beforeAll(async () => {
  const tenant = await startTenant();
  ({ running, world } = tenant);
  user = await addUser(world, 'reader');
  await world.must('POST', '/v1/tablesdb', tenant.key, { databaseId: 'qd', name: 'qd' });
  await listedRows(world, tenant.key);
});

afterAll(() => running.stop());

async function ask({ label, queries }: (typeof recorded)[number]) {
  const search = spelledOut(label, queries).map((query, i) => `queries[${i}]=${encodeURIComponent(query)}`).join('&');
  return world.send('GET', `/v1/tablesdb/qd/tables/q/rows?${search}`, user);
}

const refused = recorded.filter(({ status }) => status !== 200);
const shuffled = recorded.filter(({ label }) => /random/i.test(label));
const answered = recorded.filter((each) => !refused.includes(each) && !shuffled.includes(each));

describe('the query language', () => {
  it('has all the recorded cases', () => {
    expect(recorded).toHaveLength(129);
    process.stdout.write(`covered ${refused.length + shuffled.length + answered.length} of ${recorded.length} recorded queries\n`);
  });

  it.each(answered)('answers: $label', async (each) => {
    const found = page.parse((await ask(each)).json);
    expect({ total: found.total, ids: found.rows.map(({ $id }) => $id) }).toEqual({ total: each.total, ids: each.ids });
    expect(differences(each.firstRow ?? found.rows[0], found.rows[0], { ids: new Map() })).toEqual([]);
  });

  it.each(shuffled)('answers in any order: $label', async (each) => {
    const found = page.parse((await ask(each)).json);
    expect(found.total).toBe(each.total);
    expect(new Set(found.rows.map(({ $id }) => $id)).size).toBe(each.ids?.length);
  });

  it.each(refused)('refuses: $label', async (each) => {
    expect(await ask(each)).toMatchObject({ status: each.status, json: each.error });
  });
});

/** The recording shortens its longest queries: they are written out again here. */
function spelledOut(label: string, queries: readonly string[]): string[] {
  const many = /^(\d+) (values|queries)$/.exec(label);
  if (many === null) return [...queries];
  const count = Number(many[1]);
  if (many[2] === 'queries') return Array.from({ length: count }, () => queries[0] ?? '');
  return [JSON.stringify({ method: 'equal', attribute: 'name', values: Array.from({ length: count }, (_, i) => `v${i}`) })];
}
