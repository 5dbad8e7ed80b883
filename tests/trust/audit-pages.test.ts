import { afterAll, beforeAll, expect, test } from 'vitest';
import { listAudit } from '@/lib/trust/audit/list-audit';
import { blocksOf } from '../support/blocks';
import { testStudio, type Person, type TestStudio } from '../support/context';

const entries = 30_000;
/** A page is 25 entries, each perhaps in a block of its own; the whole log is more than a thousand blocks. */
const mostBlocks = 120;

let studio: TestStudio;
let owner: Person;
let acme: Awaited<ReturnType<TestStudio['organization']>>;

beforeAll(async () => {
  studio = await testStudio();
  owner = await studio.person();
  acme = await studio.organization(owner);
  // Thousands of others too, so that the planner expects little of an organization that it cannot see; the rare ones lie at the old end.
  await studio.raw(
    `insert into audit_logs (id, at, organization_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, outcome, request_id)
     select uuidv7(ago), now() + ago, case when n % 10 < 8 then $1::uuid else md5((n % 5000)::text)::uuid end, 'user', 'usr_' || n % 20, 'Somebody',
            case when n < 50 then 'webhook.secret_rotated' else 'project.updated' end, 'project', 'prj_' || n % 900, case when n < 50 then 'denied' else 'allowed' end, 'r'
       from (select n, (n - $2) * interval '1 year' / $2 as ago from generate_series(0, $2::int - 1) n) e`,
    [acme.rowId, entries],
  );
  await studio.raw('vacuum (analyze) audit_logs');
});
afterAll(() => studio.close());

test.each([
  ['the first page', {}],
  ['one actor', { actor: 'usr_7' }],
  ['one target', { target: 'prj_7' }],
  ['a rare action', { action: 'webhook.secret_rotated' }],
  ['a noun that is rare', { action: 'webhook' }],
  ['a noun of which there is none', { action: 'api_key' }],
  ['refusals', { outcome: 'denied' }],
  ['until a day long ago', { to: daysAgo(360) }],
  ['a few days long ago', { from: daysAgo(360), to: daysAgo(359) }],
])('%s of a long log is found without reading the rest of it', async (_, filters) => {
  expect(await blocksOf(studio.urls.ownerUrl, () => listAudit(owner.ctx, acme.id, filters))).toBeLessThan(mostBlocks);
});

test('so is a page from the middle of it', async () => {
  const [middle] = await studio.raw<{ id: string }>('select id from audit_logs where organization_id = $1 order by id offset $2 limit 1', [acme.rowId, entries * 0.4]);
  const cursor = Buffer.from(middle?.id ?? '').toString('base64url');
  expect(await blocksOf(studio.urls.ownerUrl, () => listAudit(owner.ctx, acme.id, { cursor }))).toBeLessThan(mostBlocks);
});

test('an entry whose clock was set by minutes is still found by its time', async () => {
  await studio.raw(
    `insert into audit_logs (id, at, organization_id, actor_kind, actor_name, action, target_kind, outcome, request_id)
     select uuidv7(make_interval(mins => minutes)), now() - interval '2 years', $1, 'system', 'Clock', 'project.purged', 'project', 'allowed', 'r'
       from unnest($2::int[]) minutes`,
    [acme.rowId, [-2 * 365 * 24 * 60 - 50, -2 * 365 * 24 * 60 + 50]],
  );
  const { data } = await listAudit(owner.ctx, acme.id, { from: daysAgo(2 * 365 + 1), to: daysAgo(2 * 365 - 1) });
  expect(data.map(({ actor }) => actor.name)).toEqual(['Clock', 'Clock']);
});

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}
