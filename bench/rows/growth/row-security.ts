import pg from 'pg';
import { count, ms, type Finding } from '../../support/finding';
import { withOwner, type Databases } from '../../support/kept-database';
import { median, percentile } from '../../support/statistics';
import type { Stage } from '../../support/stage';
import { fillTenants, projectsOfEach } from '../../support/worlds/tenants';

const mostMs = 5;

/** The same question twice: under the policy, which alone says whose rows these are, and as the owner, who names them. */
const questions = [
  { what: 'a page of 25', ofTenant: 'select id, name, status from projects order by id desc limit 25', ofOwner: 'select id, name, status from projects where organization_id = $1 order by id desc limit 25' },
  { what: `all ${count(projectsOfEach)} of a tenant`, ofTenant: 'select count(*), max(length(name)) from projects', ofOwner: 'select count(*), max(length(name)) from projects where organization_id = $1' },
] as const;

/** What row-level security costs a statement, at 10⁶ rows of 1,000 tenants. */
export async function rowSecurity(stage: Stage): Promise<Finding[]> {
  const tenants = stage.sizes(100, 1_000).at(-1) ?? 100;
  const kind = `tenants_${tenants}`;
  const databases = await stage.kept(kind, (client) => fillTenants(client, tenants));
  try {
    const ids = await withOwner(databases.ownerUrl, async (client) => (await client.query<{ id: string }>('select id from organizations order by random()')).rows.map(({ id }) => id));
    const findings: Finding[] = [];
    for (const { what, ofTenant, ofOwner } of questions) {
      const { app, owner, differences } = await sideBySide(databases, ids.slice(0, 500), { ofTenant, ofOwner });
      const p95 = percentile(differences, 0.95);
      const naive = await unwrapped(databases, ids[0] ?? '', ofTenant);
      findings.push({
        requirements: ['R18'],
        what: `what the policy adds to ${what}, among ${count(tenants * projectsOfEach)} rows of ${count(tenants)} tenants`,
        limit: `as the owner, by an explicit where: p50 ${ms(median(owner))}, p95 ${ms(percentile(owner, 0.95))}`,
        ours: `under the policy: p50 ${ms(median(app))}, p95 ${ms(percentile(app, 0.95))}; a policy that asks a function for each row: ${ms(naive)}`,
        reached: `p50 ${signed(median(differences))}, p95 ${signed(p95)}`,
        target: `p95 ≤ ${mostMs} ms, and seen to be more for that other policy`,
        pass: p95 <= mostMs && naive > mostMs,
      });
    }
    return findings;
  } finally {
    await stage.forget(kind);
  }
}

interface Pair {
  ofTenant: string;
  ofOwner: string;
}

/** One right after the other, every other time the other way round, on two connections that are warm. */
async function sideBySide({ appUrl, ownerUrl }: Databases, ids: readonly string[], { ofTenant, ofOwner }: Pair): Promise<Record<'app' | 'owner' | 'differences', number[]>> {
  const [app, owner] = [new pg.Client({ connectionString: appUrl }), new pg.Client({ connectionString: ownerUrl })];
  await Promise.all([app.connect(), owner.connect()]);
  const asTenant = async (id: string): Promise<Answer> => {
    await app.query(`begin read only; set local "app"."current_tenant" = '${id}'`);
    const answer = await timed(app, { name: 'tenant', text: ofTenant });
    await app.query('commit');
    return answer;
  };
  const asOwner = (id: string) => timed(owner, { name: 'owner', text: ofOwner, values: [id] });
  const seen: Record<'app' | 'owner' | 'differences', number[]> = { app: [], owner: [], differences: [] };
  try {
    for (const [turn, id] of [...ids.slice(0, 50), ...ids].entries()) {
      const first = turn % 2 === 0 ? await asTenant(id) : await asOwner(id);
      const second = turn % 2 === 0 ? await asOwner(id) : await asTenant(id);
      if (first.rows !== second.rows) throw new Error(`policy and where do not answer the same:\n${first.rows}\n${second.rows}`);
      if (turn < 50) continue;
      const [tenant, named] = turn % 2 === 0 ? [first, second] : [second, first];
      seen.app.push(tenant.tookMs);
      seen.owner.push(named.tookMs);
      seen.differences.push(tenant.tookMs - named.tookMs);
    }
  } finally {
    await Promise.all([app.end(), owner.end()]);
  }
  for (const list of Object.values(seen)) list.sort((a, b) => a - b);
  return seen;
}

interface Answer {
  tookMs: number;
  rows: string;
}

async function timed(client: pg.Client, query: pg.QueryConfig): Promise<Answer> {
  const startedMs = performance.now();
  const { rows } = await client.query(query);
  return { tookMs: performance.now() - startedMs, rows: JSON.stringify(rows) };
}

/** The time of the same statement under a policy as one is easily written; nothing of it is kept. */
function unwrapped({ ownerUrl }: Databases, id: string, text: string): Promise<number> {
  return withOwner(ownerUrl, async (client) => {
    await client.query('begin');
    try {
      await client.query(`create function public.asked_tenant() returns uuid language plpgsql volatile as $$ begin return nullif(current_setting('app.current_tenant', true), '')::uuid; end $$`);
      await client.query('grant execute on function public.asked_tenant() to studio_app');
      for (const name of ['projects_access', 'projects_wall']) await client.query(`alter policy ${name} on projects using (organization_id = public.asked_tenant())`);
      await client.query(`set local session authorization studio_app; set local "app"."current_tenant" = '${id}'`);
      return (await timed(client, { text })).tookMs;
    } finally {
      await client.query('rollback');
    }
  });
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)} ms`;
}
