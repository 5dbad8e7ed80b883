import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject } from '@/lib/projects/create-project';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getEnv } from '@/lib/projects/env/get-env';
import { getProject } from '@/lib/projects/get-project';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { listSagaEvents } from '@/lib/projects/list-saga-events';
import { ProjectPage } from '@/lib/projects/schemas';
import { testApi } from '../support/api';
import { listProjects } from '../support/list-projects';
import { withClient } from '../support/postgres';
import { waitFor } from '../support/wait-for';
import { attempt, auditActions, readyProject, stepUp, testProjects, type TestProjects } from './support';

let studio: TestProjects;

beforeAll(async () => {
  studio = await testProjects();
});

afterAll(() => studio.close());

describe('creating a project', () => {
  it('answers at once with both ids and is ready when the saga has run', async () => {
    const { ctx } = studio.owner;
    const created = await createProject(ctx, { organization_id: studio.organization.id, name: 'Notes', hostname: 'notes.example.com' });
    expect(created).toMatchObject({ project_id: created.id, status: 'requested', name: 'Notes', framework: 'nextjs' });
    expect(created.database_ref).toMatch(/^pdb_/);
    const before = await getProvisioning(ctx, created.id);
    expect(before.steps.map(({ state }) => state)).toEqual(Array(6).fill('waiting'));

    await studio.drain();
    const after = await getProvisioning(ctx, created.id);
    expect(after).toMatchObject({ status: 'ready', error: null });
    expect(after.steps.map(({ name, state, attempt: tries }) => [name, state, tries])).toEqual([
      ['Reserve', 'done', 1],
      ['Create in Appwrite', 'done', 1],
      ['Check health', 'done', 1],
      ['Mint key', 'done', 1],
      ['Register platform', 'done', 1],
      ['Ready', 'done', 1],
    ]);
    const events = await listSagaEvents(ctx, studio.organization.id);
    expect(events.filter(({ project_id: id }) => id === created.id).map(({ kind, step }) => `${kind} ${step?.key ?? ''}`.trim())).toEqual([
      ...['reserve', 'create', 'health', 'key', 'platform', 'ready'].flatMap((key) => [`started ${key}`, `succeeded ${key}`]),
      'saga-done',
    ]);
    const last = events.at(-1);
    expect(await listSagaEvents(ctx, studio.organization.id, { since: last?.id })).toEqual([]);
    expect(await auditActions(studio, created.id)).toEqual(['project.created', 'project.provisioned']);
  });

  it('leaves the platform step out without a hostname', async () => {
    const project = await readyProject(studio, 'No hostname');
    const { steps } = await getProvisioning(studio.owner.ctx, project.id);
    expect(steps.find(({ key }) => key === 'platform')?.state).toBe('skipped');
  });

  it('asks Appwrite for no more than the fixed list of calls', async () => {
    await readyProject(studio, 'Warm');
    studio.appwrite.standIn.faults.clearRequests();
    await readyProject(studio, 'Counted');
    const calls = studio.appwrite.standIn.faults.requests.map(({ method, path }) => `${method} ${path}`).toSorted();
    expect(calls).toEqual(['GET /v1/storage/buckets', 'GET /v1/users', 'POST /v1/organization/projects', 'POST /v1/project/keys']);
  });

  it('gives the variables with a key that Appwrite accepts, only after the password', async () => {
    const project = await readyProject(studio, 'Env');
    const { ctx } = studio.owner;
    const { variables } = await getEnv(ctx, project.id);
    expect(variables.map(({ name }) => name)).toEqual([
      'APPWRITE_ENDPOINT', 'APPWRITE_PROJECT', 'APPWRITE_PROJECT_ID', 'NEXT_PUBLIC_APPWRITE_ENDPOINT', 'NEXT_PUBLIC_APPWRITE_PROJECT_ID', 'APPWRITE_API_KEY',
    ]);
    expect(variables.at(-1)).toMatchObject({ secret: true, value: null });

    expect(await attempt(exportEnv(ctx, project.id))).toBe('step_up_required');
    await stepUp(studio);
    const text = await exportEnv(ctx, project.id);
    const env = Object.fromEntries(text.trim().split('\n').map((line) => line.split('=', 2)));
    expect(env['APPWRITE_ENDPOINT']).toBe(studio.appwrite.url);
    expect(env['APPWRITE_API_KEY']).toMatch(/^standard_[0-9a-f]{256}$/);
    const answer = await fetch(`${env['APPWRITE_ENDPOINT']}/users`, {
      headers: { 'X-Appwrite-Project': String(env['APPWRITE_PROJECT_ID']), 'X-Appwrite-Key': String(env['APPWRITE_API_KEY']) },
    });
    expect(answer.status).toBe(200);
    expect(await auditActions(studio, project.id)).toContain('env.exported');

    const secret = String(env['APPWRITE_API_KEY']);
    const [stored] = await studio.raw<{ hits: number }>(`select count(*)::int as hits from appwrite_keys k where k::text like '%' || $1 || '%'`, [secret]);
    expect(stored?.hits).toBe(0);
    expect(JSON.stringify(studio.lines)).not.toContain(secret);
    await studio.raw('update user_sessions set stepped_up_at = null');
  });

  it('takes the last place of a plan once, also when two ask for it together', async () => {
    const person = await studio.person();
    const organization = await studio.newOrganization(person, 'Full');
    const ask = (name: string) => createProject(person.ctx, { organization_id: organization.id, name });
    for (let number = 1; number <= 9; number += 1) await ask(`Project ${number}`);
    const codes = await Promise.all(['A', 'B', 'C'].map((name) => attempt(ask(name))));
    expect(codes.toSorted()).toEqual(['ok', 'quota_exceeded', 'quota_exceeded']);
  });

  it('heeds a plan that is changed while the project waits for its place', async () => {
    const person = await studio.person();
    const organization = await studio.newOrganization(person, 'Growing');
    const ask = (name: string) => createProject(person.ctx, { organization_id: organization.id, name });
    for (let number = 1; number <= 10; number += 1) await ask(`Project ${number}`);
    const waiting = await withClient(studio.urls.ownerUrl, async (client) => {
      await client.query('begin');
      const ended = await client.query(`update subscriptions set ended_at = now() where organization_id = (select id from organizations where public_id = $1)`, [organization.id]);
      expect(ended.rowCount).toBe(1);
      await client.query(`insert into subscriptions (organization_id, plan_key) select id, 'scale' from organizations where public_id = $1`, [organization.id]);
      const asked = attempt(ask('Project 11'));
      await waitFor(async () => (await studio.raw(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%from subscriptions%'`)).length > 0, { what: 'the project to wait' });
      await client.query('commit');
      return asked;
    });
    expect(waiting).toBe('ok');
  });

  it.each([
    ['an empty name', { name: '   ' }, '/name'],
    ['a name of 10^5 characters', { name: 'x'.repeat(100_000) }, '/name'],
    ['a name with a control character', { name: 'a\u0000b' }, '/name'],
    ['a number as name', { name: 5 }, '/name'],
    ['a hostname with a scheme', { name: 'x', hostname: 'https://x.example.com' }, '/hostname'],
    ['another backend', { name: 'x', backend: 'firebase' }, '/backend'],
    ['another framework', { name: 'x', framework: 'cobol' }, '/framework'],
    ['an unknown field', { name: 'x', appwrite_id: 'mine' }, '/appwrite_id'],
    ['no organization', { name: 'x', organization_id: undefined }, '/organization_id'],
  ])('refuses %s and names the field', async (_, input, pointer) => {
    const asked = createProject(studio.owner.ctx, { organization_id: studio.organization.id, ...input });
    await expect(asked).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer }] });
  });

  it('keeps names with emoji and right-to-left text', async () => {
    const created = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: 'مشروع 🚀 O’Hara' });
    expect((await getProject(studio.owner.ctx, created.id)).name).toBe('مشروع 🚀 O’Hara');
  });
});

describe('the list of projects', () => {
  it('pages newest first, searches by name and filters by status', async () => {
    const person = await studio.person();
    const organization = await studio.newOrganization(person, 'Lists');
    const ask = (query: object) => listProjects(person.ctx, { organization_id: organization.id, ...query });
    for (const name of ['One', 'Two', '100% 3_x']) await createProject(person.ctx, { organization_id: organization.id, name });
    const first = await ask({ limit: 2 });
    expect(first.data.map(({ name }) => name)).toEqual(['100% 3_x', 'Two']);
    const second = await ask({ limit: 2, cursor: first.next_cursor });
    expect(second).toMatchObject({ data: [{ name: 'One', status: 'requested', organization_id: organization.id }], next_cursor: null });
    expect((await ask({ q: '% 3_' })).data.map(({ name }) => name)).toEqual(['100% 3_x']);
    expect((await ask({ q: '3-' })).data).toEqual([]);
    expect((await ask({ status: 'ready' })).data).toEqual([]);
    await expect(ask({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it.each([
    ['name', ['alpha', 'Alpha', 'Beta', 'über', '🚀']],
    ['-name', ['🚀', 'über', 'Beta', 'Alpha', 'alpha']],
    ['created_at', ['alpha', 'Beta', 'Alpha', 'über', '🚀']],
    ['-created_at', ['🚀', 'über', 'Alpha', 'Beta', 'alpha']],
  ])('pages through everything once in the order of %s', async (sort, expected) => {
    const person = await studio.person();
    const organization = await studio.newOrganization(person, 'Orders');
    const ask = (query: object) => listProjects(person.ctx, { organization_id: organization.id, sort, limit: 2, ...query });
    for (const name of ['alpha', 'Beta', 'Alpha', 'über', '🚀']) await createProject(person.ctx, { organization_id: organization.id, name });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await ask(cursor === null ? {} : { cursor });
      seen.push(...page.data.map(({ name }) => name));
      cursor = page.next_cursor;
    } while (cursor !== null && seen.length < 10);
    expect(seen).toEqual(expected);
  });

  it.each([
    [{ sort: 'hostname' }, '/sort'],
    [{ sort: 'name', cursor: Buffer.from('["a"]').toString('base64url') }, '/cursor'],
    [{ sort: 'name', cursor: Buffer.from('["a\\u0000b","01890000-0000-7000-8000-000000000000"]').toString('base64url') }, '/cursor'],
    [{ sort: 'name', cursor: Buffer.from('01890000-0000-7000-8000-000000000000').toString('base64url') }, '/cursor'],
  ])('refuses %j and names the field', async (query, pointer) => {
    await expect(listProjects(studio.owner.ctx, { organization_id: studio.organization.id, ...query })).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer }] });
  });

  it('goes on with a name of a hundred of the widest characters', async () => {
    const person = await studio.person();
    const organization = await studio.newOrganization(person, 'Wide');
    for (const last of ['a', 'b']) await createProject(person.ctx, { organization_id: organization.id, name: `${'🚀'.repeat(99)}${last}` });
    const ask = (query: object) => testApi({ ...studio, organization: studio.newOrganization })('GET', `/api/v1/projects?${new URLSearchParams({ organization_id: organization.id, sort: 'name', limit: '1', ...query })}`, { as: person });
    const first = ProjectPage.parse((await ask({})).json);
    const second = ProjectPage.parse((await ask({ cursor: first.next_cursor ?? '' })).json);
    expect([first, second].map(({ data }) => data[0]?.name.at(-1))).toEqual(['a', 'b']);
  });

  it('goes through an index in each order, from the row where the page before ended', async () => {
    const [owner] = await studio.raw<{ id: string }>('select id from organizations where id = $1', [studio.organization.rowId]);
    await studio.raw(
      `insert into projects (organization_id, public_id, name, framework) select $1, 'prj_many_' || n, 'Many ' || n, 'nextjs' from generate_series(1, 3000) n`,
      [owner?.id],
    );
    await studio.raw('analyze projects');
    for (const [order, after] of [
      ['name_order, id', '(name_order, id) > ($$many 2$$, $$01890000-0000-7000-8000-000000000000$$)'],
      ['name_order desc, id desc', '(name_order, id) < ($$many 2$$, $$01890000-0000-7000-8000-000000000000$$)'],
    ] as const) {
      const plan = await withClient(studio.urls.ownerUrl, async (client) => {
        await client.query(`begin; set local session authorization studio_app; set local "app"."current_tenant" = '${owner?.id}'`);
        return client.query<{ 'QUERY PLAN': string }>(`explain select * from projects where organization_id = '${owner?.id}' and ${after} order by ${order} limit 26`);
      });
      const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(text).toMatch(/projects_name_idx/);
      expect(text).toMatch(/Index Cond:.*ROW\(name_order, id\)/);
      expect(text).not.toContain('Sort');
    }
  });
});
