import { randomBytes } from 'node:crypto';
import { compactVerify, createLocalJWKSet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doors, families } from '@/app/api/_routes/doors';
import { withSystem } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { door, type Door } from '@/lib/http/door';
import { probedApi } from '@/lib/http/probed-api';
import { createLimits } from '@/lib/adapters/limits/limits';
import { endAbandonedThrowAways } from '@/lib/identity/throw-away/end-throw-aways';
import { openThrowAway } from '@/lib/identity/throw-away/open-throw-away';
import type { Role } from '@/lib/identity/access/policy';
import { apiProbes, type ProbedApi } from '@/lib/trust/proof/api-part';
import { createProof } from '@/lib/trust/proof/create-proof';
import { exportProof } from '@/lib/trust/proof/export-proof';
import { getProof } from '@/lib/trust/proof/get-proof';
import { listProofs } from '@/lib/trust/proof/list-proofs';
import { runProof } from '@/lib/trust/proof/run-proof';
import type { ProofDetail } from '@/lib/trust/proof/schemas';
import { listSigningKeys, resealSigningKeys } from '@/lib/trust/proof/signing';
import { createProject } from '@/lib/projects/create-project';
import { createVault } from '@/lib/trust/vault/vault';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { testComposition } from '../../support/api';
import { testStudio, type Person, type TestStudio } from '../../support/context';
import { figure } from '../../support/figure';

const vaultKey = randomBytes(32);
let studio: TestStudio;
let owner: Person;
let organization: { id: string; rowId: string };
let project: string;
let proven: ProofDetail;
/** Everything that a proof makes for itself, before and after. */
const counted: unknown[] = [];

beforeAll(async () => {
  studio = await testStudio({ vaultKey });
  owner = await studio.person();
  organization = await studio.organization(owner, 'Victim <b>');
  project = (await createProject(owner.ctx, { organization_id: organization.id, name: 'Secret plans' })).id;
  await createWebhook({ ...owner.ctx, loopbackWebhooks: true }, organization.id, { url: 'http://127.0.0.1:9/', events: ['project.created'] });
  counted.push(await countPeople());
  proven = await prove();
  counted.push(await countPeople());
});
afterAll(() => studio.close());

const prover = () => studio.ctx({ kind: 'system', job: 'prover' });
const api = (list: readonly Door[] = doors) => probedApi(testComposition(studio), list, families);

interface Asked {
  /** The API that is asked; all the doors, if not given. */
  through?: ProbedApi;
  who?: Person;
  of?: { id: string; rowId: string };
}

/** Asks for a proof and does the worker's part. */
async function prove({ through = api(), who = owner, of = organization }: Asked = {}): Promise<ProofDetail> {
  const { id } = await createProof(who.ctx, of.id);
  await runProof(prover(), { organizationId: of.rowId, proofId: await rowIdOf(id) }, through);
  return getProof(who.ctx, of.id, id);
}

/** Somebody else's organization, with a webhook. */
async function another(): Promise<{ who: Person; of: { id: string; rowId: string } }> {
  const who = await studio.person();
  const of = await studio.organization(who, 'Another');
  await createWebhook({ ...who.ctx, loopbackWebhooks: true }, of.id, { url: 'http://127.0.0.1:9/', events: ['project.created'] });
  return { who, of };
}

async function rowIdOf(proof: string): Promise<string> {
  const [row] = await studio.raw<{ id: string }>('select id from isolation_proofs where public_id = $1', [proof]);
  if (row === undefined) throw new Error('no proof');
  return row.id;
}

function countPeople(): Promise<unknown> {
  return studio.raw(`select (select count(*) from users) as users, (select count(*) from organizations) as organizations, (select count(*) from user_sessions) as sessions, (select count(*) from api_keys) as keys`);
}

/** As a superuser's statements, taken back afterwards. */
async function weakened<Result>(weaken: string, mend: string, work: () => Promise<Result>): Promise<Result> {
  await studio.raw(weaken);
  try {
    return await work();
  } finally {
    await studio.raw(mend);
  }
}

describe('a proof of isolation', () => {
  it('tries every table and every route that reads, reaches nothing, and says so', async (context) => {
    expect(proven).toMatchObject({ state: 'finished', leaks: 0, reason: null });
    const { report } = proven;
    expect(report).toMatchObject({ organization: { id: organization.id, name: 'Victim <b>' }, leaks: 0, found: [], requested_by: { id: owner.publicId } });
    expect(report?.probes).toBe(proven.probes_made);
    expect(proven.probes_made).toBe(proven.probes_planned);
    expect(proven.probes_made).toBeGreaterThan(5_000);
    expect(report?.searched_for).toBeGreaterThan(10);
    const tables = await studio.raw<{ name: string }>(`select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and relkind in ('r', 'p') and relname <> 'plans' order by 1`);
    expect(report?.database.map(({ object }) => object)).toEqual(tables.map(({ name }) => name));
    // What a request may never read is refused, and what it may read for itself answers with nothing of somebody else.
    expect(report?.database.find(({ object }) => object === 'user_credentials')).toMatchObject({ empty: 0 });
    expect(report?.database.find(({ object }) => object === 'projects')).toMatchObject({ refused: 0 });
    expect(report?.api.find(({ object }) => object === 'GET /projects/{project}')).toEqual({ object: 'GET /projects/{project}', probes: 5, refused: 5, empty: 0, leaks: 0 });
    expect(report?.api.find(({ object }) => object.endsWith('/{deployment}/logs'))).toMatchObject({ probes: 0, not_tried: 'the organization has no deployment' });
    figure(context, { requirements: ['R3', 'A2'], what: 'Prove isolation in the studio: what a stranger reached of an organization', reached: `${proven.leaks} of ${proven.probes_made} probes`, bound: '0', pass: proven.leaks === 0 });
  });

  it('is signed, and whoever has the published key can check it', async () => {
    const { body: jws, contentType, filename } = await exportProof(owner.ctx, organization.id, proven.id, { format: 'jws' });
    expect([contentType, filename]).toEqual(['application/jose', expect.stringMatching(/^isolation-\d{4}-\d\d-\d\d-\w{6}\.jws$/)]);
    const keys = createLocalJWKSet(await listSigningKeys(studio.ctx({ kind: 'anonymous' })));
    const { payload, protectedHeader } = await compactVerify(jws, keys);
    expect(protectedHeader.kid).toBe(proven.signed_with);
    expect(JSON.parse(Buffer.from(payload).toString('utf8'))).toEqual(proven.report);
    const [head, body = '', signature] = jws.split('.');
    const forged = Buffer.from(Buffer.from(body, 'base64url').toString('utf8').replace('"leaks":0', '"leaks":1')).toString('base64url');
    await expect(compactVerify([head, forged, signature].join('.'), keys)).rejects.toThrow('signature verification failed');
  });

  it('is a page too, in which nothing of a name is markup', async () => {
    const { body, contentType } = await exportProof(owner.ctx, organization.id, proven.id, {});
    expect(contentType).toBe('text/html; charset=utf-8');
    expect(body).toContain('Nothing of the organization could be reached');
    expect(body).toContain('Victim &#60;b&#62;');
    expect(body).not.toContain('Victim <b>');
  });

  it('leaves nothing behind but its report, and removes nothing else', async () => {
    expect(counted[1]).toEqual(counted[0]);
    expect(await studio.raw('select from organizations where throw_away')).toEqual([]);
  });

  it('stands in the audit log from the wish to the end', async () => {
    const { id } = proven;
    const entries = await studio.raw<{ action: string; actor_name: string }>('select action, actor_name from audit_logs where target_id = $1 order by id', [id]);
    expect(entries).toEqual([
      { action: 'isolation_proof.requested', actor_name: owner.name },
      { action: 'isolation_proof.finished', actor_name: 'Studio (prover)' },
      { action: 'isolation_proof.exported', actor_name: owner.name },
      { action: 'isolation_proof.exported', actor_name: owner.name },
    ]);
  });
});

describe('a wall with a hole', () => {
  const found: boolean[] = [];

  it('is found in the database, by table and by what was reached', async () => {
    const open = 'alter policy projects_access on projects using (true); alter policy projects_wall on projects using (true)';
    const condition = `organization_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid)`;
    const mend = `alter policy projects_access on projects using (${condition}); alter policy projects_wall on projects using (${condition})`;
    const { leaks, report } = await weakened(open, mend, () => prove());
    expect(leaks).toBeGreaterThan(100);
    const holes = report?.database.filter((tried) => tried.leaks > 0).map(({ object }) => object);
    expect(holes).toEqual(['projects']);
    expect(new Set(report?.found.map(({ actor }) => actor))).toEqual(new Set(['member', 'job', 'person', 'nobody']));
    expect(report?.found.map(({ saw }) => saw)).toContain(project);
    found.push(leaks > 0);
  });

  it('is found in a table without row security', async () => {
    // Both sides of it in the order of keys, so that neither can be taken for the organization's own.
    const others = [await another(), await another()];
    const { report } = await weakened('alter table webhooks disable row level security', 'alter table webhooks enable row level security', () => prove());
    expect(report?.database.filter((tried) => tried.leaks > 0).map(({ object }) => object)).toEqual(['webhooks']);
    for (const { of } of others) expect(JSON.stringify(report)).not.toContain(of.rowId);
    const [own] = await studio.raw<{ id: string }>('select id from webhooks where organization_id = $1', [organization.rowId]);
    expect(report?.found.map(({ saw }) => saw)).toContain(own?.id);
    found.push((report?.leaks ?? 0) > 0);
  });

  it('is found in the API, in a door without its guard', async () => {
    const unguarded = door({
      method: 'get', path: '/projects/{project}/careless', tag: 'Projects', status: 200, returns: null, summary: 'Forgets to ask who it is',
      run: async (_, { params }) => {
        const [row] = await studio.raw<{ name: string }>('select name, public_id from projects where public_id = $1', [params.project]);
        return { name: row?.name };
      },
    });
    const { report } = await prove({ through: api([...doors, unguarded]) });
    expect(report?.api.filter((tried) => tried.leaks > 0)).toEqual([{ object: 'GET /projects/{project}/careless', probes: 5, refused: 1, empty: 0, leaks: 4 }]);
    expect(report?.found[0]).toEqual({ object: 'GET /projects/{project}/careless', actor: 'session', probe: 'status 200', saw: 'an answer with status 200' });
    found.push((report?.leaks ?? 0) > 0);
  });

  it('is found in a list that shows everybody\'s', async () => {
    const unguarded = door({
      method: 'get', path: '/everything', tag: 'Projects', status: 200, returns: null, summary: 'Shows everything', open: true,
      run: () => studio.raw('select public_id as id from projects'),
    });
    const { report } = await prove({ through: api([...doors, unguarded]) });
    expect(report?.api.find(({ object }) => object === 'GET /everything')).toMatchObject({ leaks: 5 });
    expect(report?.found.map(({ saw }) => saw)).toContain(project);
    found.push((report?.leaks ?? 0) > 0);
  });

  it('is found wherever it was made', (context) => {
    const holes = found.filter((seen) => seen).length;
    figure(context, { requirements: ['R3', 'A2'], what: 'Prove isolation in the studio: holes made in policies, tables and doors that it finds', reached: `${holes} of 4`, bound: 'all', pass: holes === 4 });
  });
});

describe('a proof that cannot be made', () => {
  it('is not shown as one: it fails, says what to do, and leaves no stranger behind', async () => {
    const broken = door({ method: 'get', path: '/broken', tag: 'Projects', status: 200, returns: null, summary: 'Fails', open: true, run: () => Promise.reject(new Error('boom')) });
    const proof = await prove({ through: api([...doors, broken]) });
    expect(proof).toMatchObject({ state: 'failed', report: null, reason: expect.stringContaining('Start it again') });
    await expect(exportProof(owner.ctx, organization.id, proof.id, {})).rejects.toMatchObject({ code: 'conflict' });
    expect(await studio.raw('select from users where throw_away')).toEqual([]);
  });

  it('is none when the stranger is refused at home too, whose credentials then say nothing', async () => {
    const expired: ProbedApi = { ...api(), ask: () => Promise.resolve({ status: 401, text: '' }) };
    expect(await prove({ through: expired, ...(await another()) })).toMatchObject({ state: 'failed', report: null });
  });

  it('says nothing more when another worker has begun it anew', async () => {
    const asked = await another();
    const taken = api();
    const through: ProbedApi = {
      ...taken,
      async ask(path, credential) {
        await studio.raw('update isolation_proofs set started_at = $2 where organization_id = $1', [asked.of.rowId, new Date(0)]);
        return taken.ask(path, credential);
      },
    };
    expect(await prove({ through, ...asked })).toMatchObject({ state: 'running', report: null, started_at: new Date(0).toISOString() });
    expect(await studio.raw('select from users where throw_away')).toEqual([]);
  });

  it('leaves no half-made stranger when their organization cannot be made', async () => {
    const vault = { ...studio.ctx({ kind: 'anonymous' }).vault, createDataKey: () => Promise.reject(new Error('no key')) };
    await expect(openThrowAway({ ...prover(), vault })).rejects.toThrow('no key');
    expect(await studio.raw('select from users where throw_away')).toEqual([]);
  });

  it('does not keep the next one out when its job was lost', async () => {
    const { who, of } = await another();
    const lost = await createProof(who.ctx, of.id);
    await studio.raw(`update isolation_proofs set created_at = now() - interval '61 minutes' where public_id = $1`, [lost.id]);
    await expect(createProof(who.ctx, of.id)).resolves.toMatchObject({ state: 'queued' });
    expect(await getProof(who.ctx, of.id, lost.id)).toMatchObject({ state: 'failed', reason: expect.stringContaining('Start it again') });
    expect(await studio.raw(`select actor_name from audit_logs where target_id = $1 and action = 'isolation_proof.failed'`, [lost.id])).toEqual([{ actor_name: who.name }]);
  });

  it('begins anew with the next worker after a kill', async () => {
    const { id } = await createProof(owner.ctx, organization.id);
    const proofId = await rowIdOf(id);
    await studio.raw(`update isolation_proofs set state = 'running', probes_made = 17, started_at = now() where id = $1`, [proofId]);
    await runProof(prover(), { organizationId: organization.rowId, proofId }, api());
    expect(await getProof(owner.ctx, organization.id, id)).toMatchObject({ state: 'finished', leaks: 0 });
    // The job of a proof that has ended does nothing.
    await runProof(prover(), { organizationId: organization.rowId, proofId }, api());
    expect(await studio.raw(`select from audit_logs where target_id = $1 and action = 'isolation_proof.finished'`, [id])).toHaveLength(1);
  });

  it('of a killed worker: its stranger is removed after an hour, and nobody else ever', async () => {
    const [young, old] = [await openThrowAway(prover()), await openThrowAway(prover())];
    await studio.raw(`update users set created_at = now() - interval '2 hours' where id = $1 or id = $2`, [old.userId, owner.id]);
    expect(await endAbandonedThrowAways(prover())).toBe(1);
    expect(await studio.raw('select id from users where throw_away')).toEqual([{ id: young.userId }]);
    await studio.raw(`update users set created_at = now() - interval '2 hours' where id = $1`, [young.userId]);
    await endAbandonedThrowAways(prover());
    const removed = await withSystem(studio.database, 'end-proof', async (tx) => {
      const seen = await Promise.all(['users', 'organizations', 'memberships', 'user_sessions'].map((table) => tx.query(`delete from ${table} returning 1 as one`)));
      return seen.flat();
    });
    expect(removed).toEqual([]);
  });
});

describe('who may', () => {
  it('only one proof of an organization is under way at a time', async () => {
    const { id } = await createProof(owner.ctx, organization.id);
    await expect(createProof(owner.ctx, organization.id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('under way') });
    await studio.raw(`update isolation_proofs set state = 'failed', finished_at = now() where public_id = $1`, [id]);
    await expect(createProof(owner.ctx, organization.id)).resolves.toMatchObject({ state: 'queued' });
  });

  it('ten times an hour for each person, and no more', async () => {
    const { who, of } = await another();
    const ctx = { ...who.ctx, limits: createLimits(null, { RATE_LIMIT_PER_MINUTE: 1_000, ATTEMPT_LIMIT_FACTOR: 1 }) };
    for (let turn = 0; turn < 10; turn += 1) {
      await createProof(ctx, of.id);
      await studio.raw(`update isolation_proofs set state = 'failed', finished_at = now() where organization_id = $1`, [of.rowId]);
    }
    await expect(createProof(ctx, of.id)).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it.each(['admin', 'developer', 'viewer', 'billing'] satisfies Role[])('not as %s, by the name of the right', async (role) => {
    const member = await studio.person();
    await studio.join(organization, member, role);
    await expect(createProof(member.ctx, organization.id)).rejects.toMatchObject({ code: 'forbidden', right: 'isolation:prove' });
    await expect(listProofs(member.ctx, organization.id)).rejects.toMatchObject({ code: 'forbidden', right: 'isolation:read' });
    const [denial] = await studio.raw<{ reason: string }>(`select reason from audit_logs where outcome = 'denied' order by id desc limit 1`);
    expect(denial?.reason).toContain('isolation:read');
  });

  it('nothing for a stranger, nor for a guest', async () => {
    const { id } = proven;
    const stranger = await studio.person();
    await studio.organization(stranger, 'Elsewhere');
    const calls: ((ctx: Ctx) => Promise<unknown>)[] = [
      (ctx) => createProof(ctx, organization.id),
      (ctx) => listProofs(ctx, organization.id),
      (ctx) => getProof(ctx, organization.id, id),
      (ctx) => exportProof(ctx, organization.id, id, {}),
    ];
    for (const call of calls) {
      await expect(call(stranger.ctx)).rejects.toMatchObject({ code: 'not_found' });
      await expect(call(studio.ctx({ kind: 'anonymous' }))).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    const own = await studio.organization(stranger, 'Own');
    await expect(getProof(stranger.ctx, own.id, id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lists them newest first, page by page', async () => {
    const all = (await listProofs(owner.ctx, organization.id, { limit: '100' })).data;
    expect(all.map(({ id }) => id)).toEqual([...all].sort((a, b) => b.created_at.localeCompare(a.created_at)).map(({ id }) => id));
    const first = await listProofs(owner.ctx, organization.id, { limit: '2' });
    const second = await listProofs(owner.ctx, organization.id, { limit: '2', cursor: first.next_cursor });
    expect([...first.data, ...second.data]).toEqual(all.slice(0, 4));
  });
});

describe('what a proof covers', () => {
  it('every route that reads, whatever it names: a new one that cannot be filled fails here', () => {
    const targets = { organization: 'org_1', project: 'prj_1', deployment: 'dep_1', webhook: 'whk_1', proof: 'prf_1' };
    const { probes, leftOut } = apiProbes({ routes: api().routes }, { targets });
    expect(leftOut).toEqual([]);
    expect(api().streams).toEqual(['/events', '/projects/{project}/deployments/{deployment}/logs/stream']);
    expect(proven.report?.api.filter(({ not_tried: reason }) => reason?.startsWith('a stream')).map(({ object }) => object)).toEqual(api().streams.map((path) => `GET ${path}`));
    expect(probes).toHaveLength(doors.filter(({ method }) => method === 'get').length);
    expect(probes.map(({ path }) => path).filter((path) => path.includes('{'))).toEqual([]);
    expect(() => apiProbes({ routes: [{ path: '/things/{thing}', query: [] }] }, { targets })).toThrow('knows no thing');
  });

  it('keeps its signing key sealed, and takes it along when keys are exchanged', async () => {
    const [key] = await studio.raw<{ sealed_private_key: string }>('select sealed_private_key from signing_keys');
    expect(key?.sealed_private_key).toMatch(/^p1\.test\./);
    const older = studio.ctx({ kind: 'system', job: 'rotation' });
    const newer = { ...older, vault: createVault([{ id: 'next', key: randomBytes(32) }, { id: 'test', key: vaultKey }]) };
    expect([await resealSigningKeys(older), await resealSigningKeys(newer), await resealSigningKeys(newer)]).toEqual([0, 1, 0]);
    const [again] = await studio.raw<{ sealed_private_key: string }>('select sealed_private_key from signing_keys');
    expect(again?.sealed_private_key).toMatch(/^p1\.next\./);
    await studio.raw('update signing_keys set sealed_private_key = $1', [key?.sealed_private_key]);
  });
});
