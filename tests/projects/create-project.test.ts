import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject } from '@/lib/projects/create-project';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getEnv } from '@/lib/projects/env/get-env';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { testProjects, type TestProjects } from './support';

let studio: TestProjects;

beforeAll(async () => {
  studio = await testProjects();
});

afterAll(() => studio.close());

describe('creating a project', () => {
  it('answers at once with both ids and is ready when the saga has run', async () => {
    const { ctx } = studio.owner;
    const created = await createProject(ctx, { organization_id: studio.organization.id, name: 'Notes', hostname: 'notes.example.com' });
    expect(created).toMatchObject({ project_id: created.id, status: 'requested', name: 'Notes' });
    expect(created.database_ref).toMatch(/^pdb_/);

    await studio.drain();
    const provisioning = await getProvisioning(ctx, created.id);
    expect(provisioning).toMatchObject({ status: 'ready', error: null });
    expect(provisioning.steps.map(({ name, state, attempt }) => [name, state, attempt])).toEqual([
      ['Reserve', 'done', 1],
      ['Create in Appwrite', 'done', 1],
      ['Check health', 'done', 1],
      ['Mint key', 'done', 1],
      ['Register platform', 'done', 1],
      ['Ready', 'done', 1],
    ]);
  });
});
