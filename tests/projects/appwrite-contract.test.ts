import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppwriteAdmin } from '@/lib/adapters/appwrite/node-appwrite/admin';
import { connect } from '@/lib/adapters/appwrite/node-appwrite/connection';
import { appwriteFailureOf, type AppwriteAdmin, type RemoteProject } from '@/lib/adapters/appwrite/port';
import { systemClock } from '@/lib/kernel/clock';
import { newAppwriteId } from '@/lib/kernel/ids';
import { configured } from '../../scripts/lib/programs.mjs';
import { platformAccount, testAppwrite, type TestAppwrite } from './support';

/**
 * What every implementation of the port must do. Runs on the stand-in, and on a real server when its address
 * and platform account are given: APPWRITE_CONTRACT_ENDPOINT, _EMAIL, _PASSWORD.
 */
const real = configured('APPWRITE_CONTRACT_ENDPOINT');

let standIn: TestAppwrite | undefined;
let admin: AppwriteAdmin;
const teamId = newAppwriteId();

beforeAll(async () => {
  if (real === undefined) standIn = await testAppwrite();
  const credentials =
    real === undefined
      ? platformAccount
      : { email: configured('APPWRITE_CONTRACT_EMAIL') ?? '', password: configured('APPWRITE_CONTRACT_PASSWORD') ?? '' };
  const silent = () => undefined;
  admin = createAppwriteAdmin(
    connect({
      endpoint: real ?? standIn?.url ?? '',
      credentials,
      store: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      clock: systemClock,
      log: { debug: silent, info: silent, warn: silent, error: silent },
    }),
  );
  await admin.ensureTeam({ teamId, name: 'Contract' });
});

afterAll(async () => {
  await standIn?.close();
});

async function kindOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return appwriteFailureOf(error)?.kind ?? String(error);
  }
}

async function newProject(name = 'Contract'): Promise<RemoteProject> {
  return admin.createProject({ teamId, projectId: newAppwriteId(), name });
}

describe('the Appwrite port', () => {
  it('reads a version that it supports', async () => {
    expect(await admin.version()).toMatch(/^1\.9\.\d+$/);
  });

  it('makes a team once, and repeats without harm', async () => {
    expect(await kindOf(admin.ensureTeam({ teamId, name: 'Contract' }))).toBe('ok');
  });

  it('creates, gets, renames and probes a project', async () => {
    const project = await newProject('First name');
    const ref = { teamId, projectId: project.id };
    expect(project).toMatchObject({ name: 'First name', teamId });
    expect(await kindOf(admin.probeProject(ref))).toBe('ok');
    await admin.renameProject({ ...ref, name: 'Second name' });
    expect(await admin.getProject(ref)).toMatchObject({ id: project.id, name: 'Second name' });
  });

  it('tells a taken id, a bad one, a missing project and a foreign team apart', async () => {
    const project = await newProject();
    expect(await kindOf(admin.createProject({ teamId, projectId: project.id, name: 'x' }))).toBe('conflict');
    expect(await kindOf(admin.createProject({ teamId, projectId: 'Bad_ID!', name: 'x' }))).toBe('refused');
    expect(await kindOf(admin.createProject({ teamId, projectId: 'console', name: 'x' }))).toBe('refused');
    expect(await kindOf(admin.createProject({ teamId: newAppwriteId(), projectId: newAppwriteId(), name: 'x' }))).toBe('unauthorized');
    expect(await kindOf(admin.getProject({ teamId, projectId: newAppwriteId() }))).toBe('not_found');
    const otherTeam = newAppwriteId();
    await admin.ensureTeam({ teamId: otherTeam, name: 'Other' });
    expect(await kindOf(admin.getProject({ teamId: otherTeam, projectId: project.id }))).toBe('not_found');
    expect(await kindOf(admin.probeProject({ teamId, projectId: newAppwriteId() }))).toBe('not_found');
  });

  it('deletes a project, says when it is gone, and does not mind a second time', async () => {
    const project = await newProject();
    const ref = { teamId, projectId: project.id };
    expect(await admin.projectGone(ref)).toBe(false);
    await admin.deleteProject(ref);
    await expect.poll(() => admin.projectGone(ref), { timeout: 10_000 }).toBe(true);
    expect(await kindOf(admin.deleteProject(ref))).toBe('ok');
  });

  it('lists every project once, in pages', async () => {
    const made = await Promise.all([newProject(), newProject(), newProject()]);
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await admin.listProjects({ limit: 2, ...(after === undefined ? {} : { after }) });
      seen.push(...page.projects.map(({ id }) => id));
      after = page.projects.at(-1)?.id;
      if (page.projects.length < 2) break;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
  });

  it('mints, finds again, changes, lists and deletes a key', async () => {
    const { id: projectId } = await newProject();
    const wanted = { projectId, keyId: newAppwriteId(), name: 'Key', scopes: ['users.read'], expiresAt: new Date('2099-01-01T00:00:00Z') };
    const minted = await admin.createKey(wanted);
    expect(minted).toMatchObject({ id: wanted.keyId, scopes: ['users.read'], expiresAt: wanted.expiresAt });
    expect(minted.secret).toMatch(/^standard_[0-9a-f]{256}$/);
    expect(await kindOf(admin.createKey(wanted))).toBe('conflict');
    expect((await admin.getKey({ projectId, keyId: wanted.keyId })).secret).toBe(minted.secret);
    expect((await admin.updateKey({ ...wanted, scopes: [] })).scopes).toEqual([]);
    expect((await admin.updateKey({ ...wanted, expiresAt: null })).expiresAt).toBeNull();
    expect((await admin.listKeys(projectId)).map(({ id }) => id)).toEqual([wanted.keyId]);
    await admin.deleteKey({ projectId, keyId: wanted.keyId });
    expect(await kindOf(admin.getKey({ projectId, keyId: wanted.keyId }))).toBe('not_found');
    expect(await kindOf(admin.deleteKey({ projectId, keyId: wanted.keyId }))).toBe('ok');
    expect(await kindOf(admin.createKey({ ...wanted, keyId: newAppwriteId(), scopes: ['nope.read'] }))).toBe('refused');
  });

  it('registers, lists and deletes a platform', async () => {
    const { id: projectId } = await newProject();
    const platformId = newAppwriteId();
    const made = await admin.createPlatform({ projectId, platformId, name: 'Web', hostname: 'app.example.com' });
    expect(made).toEqual({ id: platformId, type: 'web', name: 'Web', hostname: 'app.example.com' });
    expect(await admin.listPlatforms(projectId)).toEqual([made]);
    expect(await kindOf(admin.createPlatform({ projectId, platformId, name: 'Web', hostname: 'app.example.com' }))).toBe('conflict');
    expect(await kindOf(admin.createPlatform({ projectId, platformId: newAppwriteId(), name: 'x', hostname: 'http://x y' }))).toBe('refused');
    await admin.deletePlatform({ projectId, platformId });
    expect(await admin.listPlatforms(projectId)).toEqual([]);
  });

  it('looks at the data of an empty project', async () => {
    const { id: projectId } = await newProject();
    expect(await admin.listDatabases(projectId)).toEqual([]);
    expect(await admin.listBuckets(projectId)).toEqual([]);
    expect(await kindOf(admin.listRows({ projectId, databaseId: 'none', tableId: 'none', limit: 5 }))).toBe('not_found');
    expect(await kindOf(admin.listFiles({ projectId, bucketId: 'none', limit: 5 }))).toBe('not_found');
  });
});
