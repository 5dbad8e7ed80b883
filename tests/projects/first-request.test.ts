import { Client, TablesDB } from 'node-appwrite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getFirstRequest } from '@/lib/projects/env/get-first-request';
import { createKey } from '@/lib/projects/key/create-key';
import { listKeys } from '@/lib/projects/key/list-keys';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import { testApi } from '../support/api';
import { appwriteIdOf, attempt, readyProject, stepUp, testProjects, type TestProjects } from './support';

let studio: TestProjects;

beforeAll(async () => {
  studio = await testProjects();
});

afterAll(() => studio.close());

/** Calls Appwrite as an app with this key does. */
async function callWith(project: string, key: string): Promise<void> {
  const client = new Client().setEndpoint(studio.appwrite.url).setProject(await appwriteIdOf(studio, project)).setKey(key);
  await new TablesDB(client).list();
}

async function envKey(project: string): Promise<string> {
  await stepUp(studio);
  return /^APPWRITE_API_KEY=(.+)$/m.exec(await exportEnv(studio.owner.ctx, project))?.[1] ?? '';
}

describe('the first request of an app', () => {
  it('is waited for, seen when the key of the variables is used, and its time stays', async () => {
    const { id } = await readyProject(studio, 'First');
    const look = () => getFirstRequest(studio.owner.ctx, id);
    expect(await look()).toEqual({ received_at: null, first: false });
    const before = Date.now();
    const key = await envKey(id);
    await callWith(id, key);
    await expect.poll(look, { timeout: 6_000 }).toEqual({ received_at: expect.any(String), first: true });
    const { received_at: at } = await look();
    expect(Date.parse(at ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(at ?? '')).toBeLessThanOrEqual(Date.now());
    await callWith(id, key);
    expect((await look()).received_at).toBe(at);
  });

  it('is not taken for one with another key, and is waited for again after a rotation', async () => {
    const { id } = await readyProject(studio, 'Others');
    const other = await createKey(studio.owner.ctx, id, { name: 'other' });
    await callWith(id, other.secret);
    expect(await getFirstRequest(studio.owner.ctx, id)).toMatchObject({ received_at: null });
    await callWith(id, await envKey(id));
    const old = (await listKeys(studio.owner.ctx, id)).data.find(({ purpose }) => purpose === 'env');
    const fresh = await rotateKey(studio.owner.ctx, id, old?.id ?? '', {});
    expect(await getFirstRequest(studio.owner.ctx, id)).toMatchObject({ received_at: null });
    await callWith(id, fresh.secret);
    await expect.poll(() => getFirstRequest(studio.owner.ctx, id), { timeout: 6_000 }).toMatchObject({ first: true });
  });

  it('does not call a note the first one that Appwrite may have written over another', async () => {
    const { id } = await readyProject(studio, 'Old');
    await callWith(id, await envKey(id));
    await studio.raw(`update appwrite_keys k set created_at = now() - interval '2 days' from projects p where p.id = k.project_id and p.public_id = $1`, [id]);
    expect(await getFirstRequest(studio.owner.ctx, id)).toEqual({ received_at: expect.any(String), first: false });
  });

  it('is asked of Appwrite once for several looks', async () => {
    const { id } = await readyProject(studio, 'Looks');
    const calls = () => studio.appwrite.standIn.faults.requests.filter(({ method, path }) => method === 'GET' && /\/keys\/[^/]+$/.test(path)).length;
    await getFirstRequest(studio.owner.ctx, id);
    const before = calls();
    await Promise.all([1, 2, 3].map(() => getFirstRequest(studio.owner.ctx, id)));
    expect(calls()).toBe(before);
  });

  it('cannot be seen while Appwrite does not answer, and is seen afterwards', async () => {
    const { id } = await readyProject(studio, 'Down');
    const faultId = studio.appwrite.standIn.faults.add({ method: 'GET', path: '/v1/project/keys/*', effect: { kind: 'server-error', as: 'json' } });
    expect(await attempt(getFirstRequest(studio.owner.ctx, id))).toBe('unavailable');
    studio.appwrite.standIn.faults.remove(faultId);
    await expect.poll(() => attempt(getFirstRequest(studio.owner.ctx, id)), { timeout: 6_000 }).toBe('ok');
  });
});

describe('its door', () => {
  it('answers who may read the variables, refuses a viewer by the name of the right, and is not there for strangers', async () => {
    const { id } = await readyProject(studio, 'Door');
    const ask = testApi({ ...studio, organization: studio.newOrganization }, {}, { appwrite: studio.ports.appwrite });
    const path = `/api/v1/projects/${id}/env/first-request`;
    const [viewer, stranger] = [await studio.person(), await studio.person()];
    await studio.join(studio.organization, viewer, 'viewer');
    expect(await ask('GET', path, { as: studio.owner })).toMatchObject({ status: 200, json: { received_at: null, first: false } });
    expect(await ask('GET', path, { as: viewer })).toMatchObject({ status: 403, json: { code: 'forbidden', right: 'env:read' } });
    expect((await ask('GET', path, { as: stranger })).status).toBe(404);
    expect((await ask('GET', path)).status).toBe(401);
  });
});
