import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { createHook } from '@/lib/deployments/hook/create-hook';
import { getHook } from '@/lib/deployments/hook/get-hook';
import { removeHook } from '@/lib/deployments/hook/remove-hook';
import { HookAnswer, NewHook } from '@/lib/deployments/hook/schemas';
import type { ApiEnvironment } from '@/lib/http/api';
import { railwayHookRoutes } from '@/lib/http/railway-hook';
import { attempt, auditActions } from '../projects/support';
import { testApi, testComposition } from '../support/api';
import { testDeployments, type TestDeployments } from './support/studio';

const source = { kind: 'repository', repository: 'acme/shop' };

describe('the address that Railway calls', () => {
  let studio: TestDeployments;
  let project: string;
  let hooks: Hono<ApiEnvironment>;

  beforeAll(async () => {
    studio = await testDeployments();
    const asStudio = { ...studio, organization: studio.newOrganization };
    hooks = railwayHookRoutes(testComposition(asStudio, {}, { appwrite: studio.ports.appwrite }));
    project = await studio.newProject('Called');
  });

  afterAll(() => studio.close());

  const heard = async (url: string) => (await hooks.request(new URL(url).pathname, { method: 'POST', body: '{}' })).status;
  const secretOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

  it('cannot be made before the project has something at Railway', async () => {
    expect(await getHook(studio.owner.ctx, project)).toEqual({ hook: null });
    expect(await attempt(createHook(studio.owner.ctx, project))).toBe('conflict');
    expect(await getHook(studio.owner.ctx, project)).toEqual({ hook: null });
    expect(await auditActions(studio, project)).not.toContain('railway.hook_created');
  });

  it('is shown once, and afterwards only that it exists and since when', async () => {
    await createDeployment(studio.owner.ctx, project, { source });
    const beforeMs = Date.now();
    const made = await createHook(studio.owner.ctx, project);
    expect(await heard(made.url)).toBe(204);
    expect(Math.abs(Date.parse(made.created_at) - beforeMs)).toBeLessThan(60_000);
    expect(await getHook(studio.owner.ctx, project)).toEqual({ hook: { created_at: made.created_at } });
    const rows = await studio.raw<{ row: string }>('select r::text as row from railway_projects r union all select a::text from audit_logs a');
    for (const text of [...rows.map(({ row }) => row), JSON.stringify(studio.lines)]) expect(text).not.toContain(secretOf(made.url));
  });

  it('is replaced by a new one, and nobody is heard at the old one', async () => {
    const first = await createHook(studio.owner.ctx, project);
    await studio.raw(`update railway_projects set hook_created_at = now() - interval '1 hour'`);
    const second = await createHook(studio.owner.ctx, project);
    expect([await heard(first.url), await heard(second.url)]).toEqual([404, 204]);
    expect(await getHook(studio.owner.ctx, project)).toEqual({ hook: { created_at: second.created_at } });
    expect(Date.parse(second.created_at)).toBeGreaterThanOrEqual(Date.parse(first.created_at));
  });

  it('is removed, once, and nobody is heard there any more', async () => {
    const { url } = await createHook(studio.owner.ctx, project);
    await removeHook(studio.owner.ctx, project);
    expect(await heard(url)).toBe(404);
    expect(await getHook(studio.owner.ctx, project)).toEqual({ hook: null });
    expect(await attempt(removeHook(studio.owner.ctx, project))).toBe('not_found');
  });

  it('leaves the address of another project alone', async () => {
    const neighbour = await studio.newProject('Neighbour');
    await createDeployment(studio.owner.ctx, neighbour, { source });
    const [theirs, ours] = [await createHook(studio.owner.ctx, neighbour), await createHook(studio.owner.ctx, project)];
    await removeHook(studio.owner.ctx, project);
    expect([await heard(theirs.url), await heard(ours.url)]).toEqual([204, 404]);
    expect(await getHook(studio.owner.ctx, neighbour)).toEqual({ hook: { created_at: theirs.created_at } });
  });

  it('is in the log by what became of it', async () => {
    const logged = await auditActions(studio, project);
    const [created, replaced, removed] = ['railway.hook_created', 'railway.hook_replaced', 'railway.hook_removed'];
    expect(logged.filter((action) => action.startsWith('railway.hook'))).toEqual([created, replaced, replaced, replaced, removed, created, removed]);
  });

  it('exists without a time when it was made before the time was kept', async () => {
    await createHook(studio.owner.ctx, project);
    await studio.raw('update railway_projects set hook_created_at = null');
    expect(await getHook(studio.owner.ctx, project)).toEqual({ hook: { created_at: null } });
  });

  it('has its doors: read, make, remove; the secret is in the answer to making alone', async () => {
    const ask = testApi({ ...studio, organization: studio.newOrganization }, {}, { appwrite: studio.ports.appwrite });
    const path = `/api/v1/projects/${project}/railway-hook`;
    const as = studio.owner;
    const made = await ask('POST', path, { as, body: {} });
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, expect.stringContaining('no-store')]);
    const { url } = NewHook.parse(made.json);
    const read = await ask('GET', path, { as });
    expect([read.status, HookAnswer.parse(read.json).hook]).toEqual([200, { created_at: expect.any(String) }]);
    expect(read.text).not.toContain(secretOf(url));
    expect((await ask('DELETE', path, { as })).status).toBe(204);
    expect((await ask('DELETE', path, { as })).status).toBe(404);
    expect(await heard(url)).toBe(404);
  });
});
