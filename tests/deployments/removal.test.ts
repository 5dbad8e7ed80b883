import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { removeService } from '@/lib/deployments/service/remove-service';
import { getService } from '@/lib/deployments/service/get-service';
import { deleteProject } from '@/lib/projects/delete-project';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { listEnvironments } from '@/lib/projects/environment/list-environments';
import { removeEnvironment } from '@/lib/projects/environment/remove-environment';
import { TOKEN } from '../local-cloud/railway/support';
import { testDeployments, type TestDeployments } from './support/studio';

const source = { kind: 'repository', repository: 'acme/shop' };
const projectList = z.object({ edges: z.array(z.object({ node: z.object({ name: z.string() }) })) });

describe('what goes away', () => {
  let studio: TestDeployments;

  beforeAll(async () => {
    studio = await testDeployments();
  });

  afterAll(() => studio.close());

  async function namesAtRailway(): Promise<string[]> {
    const { workspaces } = await studio.owner.ctx.railway.withToken(TOKEN).whoAmI();
    const { edges } = await studio.cloud.ask(projectList, 'query($w: String) { projects(workspaceId: $w, first: 200) { edges { node { name } } } }', { w: workspaces[0]?.id });
    return edges.map(({ node }) => node.name);
  }

  it('an environment only after its app, whose key and variables are its own', async () => {
    const project = await studio.newProject('Staged');
    await createEnvironment(studio.owner.ctx, project, { name: 'staging' });
    const production = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    const staging = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source, environment: 'staging' })).id);
    expect([production.environment, production.live, staging.environment, staging.live]).toEqual(['production', true, 'staging', true]);
    expect(staging.url).not.toBe(production.url);
    const keys = await studio.raw<{ key: string }>('select distinct appwrite_key_row_id as key from deployments');
    expect(keys).toHaveLength(2);
    await expect(removeEnvironment(studio.owner.ctx, project, 'staging')).rejects.toThrow('Remove the app first');
    await removeService(studio.owner.ctx, project, { environment: 'staging' });
    await studio.settle(async () => (await getService(studio.owner.ctx, project, { environment: 'staging' })).service === null);
    await removeEnvironment(studio.owner.ctx, project, 'staging');
    expect((await listEnvironments(studio.owner.ctx, project)).data.map(({ name }) => name)).toEqual(['production']);
    expect((await fetch(production.url ?? '')).status).toBe(200);
  });

  it('a project for good, and its app at Railway with it', async () => {
    const project = await studio.newProject('Leaving');
    const before = await namesAtRailway();
    const up = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    const [added = ''] = (await namesAtRailway()).filter((name) => !before.includes(name));
    expect(added).toContain(project.slice(4));
    await deleteProject(studio.owner.ctx, project, { confirm_name: 'Leaving' });
    await studio.raw(`update projects set restorable_until = now() - interval '1 minute' where public_id = $1`, [project]);
    await studio.settle(async () => (await studio.raw(`select 1 from sagas where state in ('running', 'undoing')`)).length === 0);
    await studio.job('purge-projects');
    await studio.settle(async () => (await studio.raw(`select 1 from projects where public_id = $1 and status = 'purged'`, [project])).length === 1);
    expect(await namesAtRailway()).toEqual(before);
    expect(await fetch(up.url ?? '').then(({ status }) => status, () => 0)).not.toBe(200);
  });
});
