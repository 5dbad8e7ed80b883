import { afterAll, beforeAll, expect, test } from 'vitest';
import { listMembers } from '@/lib/identity/member/list-members';
import { blocksOf } from '../../support/blocks';
import { testStudio, type Person, type TestStudio } from '../../support/context';

const members = 3_000;
/** A page is 25 members, each with a person that is looked up by the id; all of them are more than ten thousand blocks. */
const mostBlocks = 400;

let studio: TestStudio;
let owner: Person;
let acme: Awaited<ReturnType<TestStudio['organization']>>;

beforeAll(async () => {
  studio = await testStudio();
  owner = await studio.person();
  acme = await studio.organization(owner);
  await studio.raw(
    `with people as (insert into users (public_id, email, first_name, last_name) select 'usr_' || n, n || '@many.test', md5(n::text), 'Many' from generate_series(1, $2::int) n returning id)
     insert into memberships (organization_id, public_id, user_id, role)
     select $1, 'mem_' || row_number() over (), id, (array['admin', 'developer', 'viewer', 'billing'])[1 + row_number() over () % 4] from people`,
    [acme.rowId, members],
  );
  // Many small ones beside it, so that the planner expects little of an organization that it cannot see.
  await studio.raw(
    `with others as (insert into organizations (public_id, name, slug, created_by) select 'org_' || n, 'Other', 'other-' || n, $1 from generate_series(1, 1000) n returning id)
     insert into memberships (organization_id, public_id, user_id, role)
     select o.id, 'mem_' || o.id || u.id, u.id, 'developer' from others o, lateral (select id from users where o.id is not null order by random() limit 2) u`,
    [owner.id],
  );
  await studio.raw('vacuum (analyze) memberships, users, organizations');
});
afterAll(() => studio.close());

test.each(['created_at', '-created_at', 'role', '-role'])('a page in the order of %s is found without reading all members', async (sort) => {
  expect(await blocksOf(studio.urls.ownerUrl, () => listMembers(owner.ctx, acme.id, { sort }))).toBeLessThan(mostBlocks);
});

test.each(['created_at', '-created_at', 'name', '-name', 'role', '-role'])('pages in the order of %s show each of thousands once', async (sort) => {
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listMembers(owner.ctx, acme.id, { sort, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  expect(seen).toHaveLength(members + 1);
  expect(new Set(seen).size).toBe(members + 1);
});
