import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportEnv } from '@/lib/projects/env/export-env';
import { createKey } from '@/lib/projects/key/create-key';
import { listKeys } from '@/lib/projects/key/list-keys';
import { revokeKey } from '@/lib/projects/key/revoke-key';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import type { KeyView } from '@/lib/projects/key/schemas';
import { addPlatform } from '@/lib/projects/platform/add-platform';
import { listPlatforms } from '@/lib/projects/platform/list-platforms';
import { removePlatform } from '@/lib/projects/platform/remove-platform';
import { appwriteIdOf, attempt, auditActions, readyProject, stepUp, testProjects, type TestProjects } from './support';

let studio: TestProjects;
let project: string;
let appwriteId: string;

beforeAll(async () => {
  studio = await testProjects();
  project = (await readyProject(studio, 'Keys')).id;
  appwriteId = await appwriteIdOf(studio, project);
});

afterAll(() => studio.close());

const faults = () => studio.appwrite.standIn.faults;

async function ask(secret: string, path = '/users'): Promise<number> {
  return (await fetch(`${studio.appwrite.url}${path}`, { headers: { 'X-Appwrite-Project': appwriteId, 'X-Appwrite-Key': secret } })).status;
}

async function keys(): Promise<KeyView[]> {
  return (await listKeys(studio.owner.ctx, project)).data;
}

async function find(id: string): Promise<KeyView | undefined> {
  return (await keys()).find((key) => key.id === id);
}

async function remoteKeyIds(): Promise<string[]> {
  const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  return (await admin.listKeys(appwriteId)).map(({ id }) => id);
}

async function envSecret(): Promise<string> {
  await stepUp(studio);
  return /APPWRITE_API_KEY=(\S+)/.exec(await exportEnv(studio.owner.ctx, project))?.[1] ?? '';
}

describe('minting a key', () => {
  it('shows the secret once, keeps none, and gives no more than the scopes', async () => {
    const key = await createKey(studio.owner.ctx, project, { name: 'Reports', scopes: ['users.read', 'users.read'] });
    expect(key).toMatchObject({ name: 'Reports', purpose: 'user', state: 'live', scopes: ['users.read'], last_four: key.secret.slice(-4) });
    expect(await ask(key.secret)).toBe(200);
    expect(await ask(key.secret, '/storage/buckets')).toBe(401);
    expect(Object.keys((await find(key.id)) ?? {})).not.toContain('secret');
    const [stored] = await studio.raw<{ sealed_secret: string | null }>('select sealed_secret from appwrite_keys where public_id = $1', [key.id]);
    expect(stored?.sealed_secret).toBeNull();
    expect(await auditActions(studio, key.id)).toEqual(['key.created']);
  });

  it('carries an expiry to Appwrite', async () => {
    const key = await createKey(studio.owner.ctx, project, { name: 'Short', expires_at: new Date(Date.now() + 2_000).toISOString() });
    expect(await ask(key.secret)).toBe(200);
    await expect.poll(() => ask(key.secret), { timeout: 10_000 }).toBe(401);
  });

  it.each([
    ['a scope that could mint further keys', { name: 'x', scopes: ['keys.write'] }, '/scopes/0'],
    ['a scope that could delete the project', { name: 'x', scopes: ['users.read', 'project.write'] }, '/scopes/1'],
    ['no scope', { name: 'x', scopes: [] }, '/scopes'],
    ['an expiry in the past', { name: 'x', expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    ['an expiry that is no time', { name: 'x', expires_at: 'tomorrow' }, '/expires_at'],
    ['no name', {}, '/name'],
  ])('refuses %s', async (_, input, pointer) => {
    await expect(createKey(studio.owner.ctx, project, input)).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer }] });
  });

  it('leaves nothing behind when Appwrite refuses the id', async () => {
    faults().add({ method: 'POST', path: '/v1/project/keys', effect: { kind: 'conflict' }, times: 1 });
    expect(await attempt(createKey(studio.owner.ctx, project, { name: 'Refused' }))).toBe('conflict');
    await studio.drain();
    expect((await keys()).find(({ name }) => name === 'Refused')?.state).toBe('revoked');
    faults().clear();
  });

  it('takes a key back whose answer was lost, so that nobody holds an unknown one', async () => {
    const before = new Set(await remoteKeyIds());
    faults().add({ method: 'POST', path: '/v1/project/keys', effect: { kind: 'cut', when: 'after' }, times: 1 });
    expect(await attempt(createKey(studio.owner.ctx, project, { name: 'Lost' }))).toBe('unavailable');
    expect((await remoteKeyIds()).length).toBe(before.size + 1);
    await studio.drain();
    expect(new Set(await remoteKeyIds())).toEqual(before);
    faults().clear();
  });

  it('takes a key back that a dead process had minted and not recorded', async () => {
    const before = new Set(await remoteKeyIds());
    const minted = await createKey(studio.owner.ctx, project, { name: 'Orphan' });
    await studio.raw(`update appwrite_keys set state = 'requested', created_at = now() - interval '5 minutes' where public_id = $1`, [minted.id]);
    await studio.hurry();
    await studio.drain();
    expect(await ask(minted.secret)).toBe(401);
    expect(new Set(await remoteKeyIds())).toEqual(before);
  });
});

describe('revoking a key', () => {
  it('ends it at once', async () => {
    const key = await createKey(studio.owner.ctx, project, { name: 'Leaked' });
    expect(await revokeKey(studio.owner.ctx, project, key.id)).toMatchObject({ state: 'revoked' });
    expect(await ask(key.secret)).toBe(401);
    expect(await auditActions(studio, key.id)).toEqual(['key.created', 'key.revoked', 'key.retired']);
    expect((await revokeKey(studio.owner.ctx, project, key.id)).state).toBe('revoked');
  });

  it('goes on by itself when Appwrite does not answer', async () => {
    const key = await createKey(studio.owner.ctx, project, { name: 'Stubborn' });
    faults().add({ method: 'DELETE', path: '/v1/project/keys/*', effect: { kind: 'server-error', as: 'untyped-html' }, times: 1 });
    expect((await revokeKey(studio.owner.ctx, project, key.id)).state).toBe('revoking');
    expect(await ask(key.secret)).toBe(200);
    await studio.settle(async () => (await find(key.id))?.state === 'revoked');
    expect(await ask(key.secret)).toBe(401);
    faults().clear();
  });

  it('leaves the key of the variables to rotation', async () => {
    const env = (await keys()).find(({ purpose }) => purpose === 'env');
    expect(await attempt(revokeKey(studio.owner.ctx, project, env?.id ?? ''))).toBe('conflict');
  });
});

describe('rotating a key', () => {
  it('replaces the key of the variables and lets the old one work until its overlap is over', async () => {
    const old = (await keys()).find(({ purpose }) => purpose === 'env');
    const oldSecret = await envSecret();
    const next = await rotateKey(studio.owner.ctx, project, old?.id ?? '', { overlap_seconds: 2 });
    expect(next).toMatchObject({ purpose: 'env', state: 'live', scopes: old?.scopes });
    expect(await envSecret()).toBe(next.secret);
    expect([await ask(oldSecret), await ask(next.secret)]).toEqual([200, 200]);
    expect(await find(old?.id ?? '')).toMatchObject({ state: 'live', replaced_by: next.id });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await studio.drain();
    expect([await ask(oldSecret), await ask(next.secret)]).toEqual([401, 200]);
    expect(await find(old?.id ?? '')).toMatchObject({ state: 'revoked' });
    expect(await auditActions(studio, old?.id ?? '')).toContain('key.rotated');
  });

  it('happens once when it is asked for twice at the same moment', async () => {
    const env = (await keys()).find(({ purpose, replaced_by: next, state }) => purpose === 'env' && next === null && state === 'live');
    const codes = await Promise.all([1, 2].map(() => attempt(rotateKey(studio.owner.ctx, project, env?.id ?? '', { overlap_seconds: 0 }))));
    expect(codes.toSorted()).toEqual(['conflict', 'ok']);
    await studio.settle(async () => (await find(env?.id ?? ''))?.state === 'revoked');
    const live = (await keys()).filter(({ purpose, state }) => purpose === 'env' && state === 'live');
    expect(live).toHaveLength(1);
    expect(await ask(await envSecret())).toBe(200);
  });

  it.each([[-1], [86_401], [1.5], ['soon']])('refuses an overlap of %s', async (seconds) => {
    await expect(rotateKey(studio.owner.ctx, project, 'awk_x', { overlap_seconds: seconds })).rejects.toMatchObject({ errors: [{ pointer: '/overlap_seconds' }] });
  });
});

describe('platforms', () => {
  it('adds, lists and removes a hostname, each in the log', async () => {
    const added = await addPlatform(studio.owner.ctx, project, { hostname: ' *.Example.org ' });
    expect(added).toMatchObject({ type: 'web', hostname: '*.example.org' });
    expect((await listPlatforms(studio.owner.ctx, project)).data).toContainEqual(added);
    await removePlatform(studio.owner.ctx, project, added.id);
    expect((await listPlatforms(studio.owner.ctx, project)).data).not.toContainEqual(added);
    expect(await auditActions(studio, added.id)).toEqual(['platform.added', 'platform.removed']);
  });

  it('says in the log when Appwrite did not do it', async () => {
    faults().add({ method: 'POST', path: '/v1/project/platforms/web', effect: { kind: 'server-error', as: 'json' }, times: 1 });
    expect(await attempt(addPlatform(studio.owner.ctx, project, { hostname: 'down.example.org' }))).toBe('unavailable');
    faults().clear();
    const rows = await studio.raw<{ action: string }>(`select action from audit_logs where target_name = 'down.example.org' order by id`);
    expect(rows.map(({ action }) => action)).toEqual(['platform.added', 'platform.added_failed']);
  });

  it.each(['https://a.example.com', 'a b.example.com', 'example.com:80', '-a.example.com', `${'a'.repeat(64)}.com`, ''])('refuses %j', async (hostname) => {
    await expect(addPlatform(studio.owner.ctx, project, { hostname })).rejects.toMatchObject({ errors: [{ pointer: '/hostname' }] });
  });
});
