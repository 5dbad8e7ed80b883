import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { relations } from '@/db/platform/relations';
import { migratedDatabase, type TestDatabase } from '../support/postgres';
import { makeWorld, type World } from './world';

let urls: TestDatabase;
let owner: pg.Client;
let world: World;
beforeAll(async () => {
  urls = await migratedDatabase();
  owner = new pg.Client({ connectionString: urls.ownerUrl });
  await owner.connect();
  world = await makeWorld(owner);
});
afterAll(async () => {
  await owner.end();
  await urls.drop();
});

interface Plan {
  'Node Type': string;
  'Parent Relationship'?: string;
  'Index Cond'?: string;
  'Actual Loops': number;
  'Actual Rows': number;
  'Relation Name'?: string;
  Filter?: string;
  Plans?: Plan[];
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

async function explain(statement: string): Promise<Plan[]> {
  await owner.query('begin');
  try {
    await owner.query(`set local session authorization studio_app; set local "app"."current_tenant" = '${world.a.organizationId}'; set local "app"."current_user" = '${world.a.users[0]}'; set local enable_seqscan = off`);
    const { rows } = await owner.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`explain (analyze, format json) ${statement}`);
    const plan = rows[0]?.['QUERY PLAN'][0].Plan;
    if (plan === undefined) throw new Error('no plan');
    return nodesOf(plan);
  } finally {
    await owner.query('rollback');
  }
}

const tenantTables = Object.entries(relations).filter(([, { class: kind }]) => kind === 'tenant').map(([name]) => name);

test.each(tenantTables)('R18: %s is read by an index that starts with the organization, the context once', async (name) => {
  const nodes = await explain(`select * from ${name}`);
  const context = nodes.filter((node) => node['Parent Relationship'] === 'InitPlan');
  expect(context.length).toBeGreaterThan(0);
  expect(context.map((node) => node['Actual Loops']).filter((loops) => loops > 1)).toEqual([]);
  const scan = nodes.find((node) => node['Node Type'].includes('Index') && node['Index Cond'] !== undefined);
  expect(scan?.['Index Cond']).toMatch(/^\(organization_id = \(InitPlan \w+\)\.col1\)/);
});

test('R18: among many organizations the planner takes that index by itself, and reads no foreign row', async () => {
  await owner.query(`insert into organizations (id, public_id, name, slug, created_by) select uuidv7(), 'org_many_' || n, 'Firm', 'many-' || n, $1 from generate_series(1, 500) n`, [world.a.users[0]]);
  await owner.query(`insert into projects (organization_id, public_id, name, framework) select o.id, 'prj_' || o.slug || '_' || n, 'Shop', 'nextjs' from organizations o, generate_series(1, 100) n where o.slug like 'many-%'`);
  await owner.query('analyze projects');
  await owner.query('begin');
  await owner.query(`set local session authorization studio_app; set local "app"."current_tenant" = '${world.a.organizationId}'`);
  const { rows } = await owner.query<{ 'QUERY PLAN': [{ Plan: Plan; 'Execution Time': number }] }>('explain (analyze, format json) select * from projects order by id limit 25');
  await owner.query('rollback');
  const plan = rows[0]?.['QUERY PLAN'][0];
  if (plan === undefined) throw new Error('no plan');
  const nodes = nodesOf(plan.Plan);
  expect(nodes.map((node) => node['Index Cond'] ?? '').join()).toContain('organization_id');
  expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
  console.info(`isolation: 25 of 50,000 rows under the policy in ${plan['Execution Time']} ms`);
});

test('R18: whether people are members is looked up for each of them, however many others there are', async () => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into users (public_id, email, first_name, last_name) select 'usr_crowd_' || n, 'crowd-' || n || '@many.test', 'One', 'Of many' from generate_series(1, 2000) n returning id`,
  );
  await owner.query(`insert into memberships (organization_id, public_id, user_id, role) select $1, 'mem_' || id, id, 'viewer' from unnest($2::uuid[]) id`, [world.a.organizationId, rows.map(({ id }) => id)]);
  await owner.query('analyze memberships, users');
  const page = rows.slice(0, 25).map(({ id }) => `'${id}'`);
  const nodes = await explain(`select first_name from users where id in (${page.join()})`);
  const read = nodes.filter((node) => node['Relation Name'] === 'memberships').map((node) => node['Actual Rows'] * node['Actual Loops']);
  expect(read).toEqual([page.length]);
});
