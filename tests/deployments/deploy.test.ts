import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { readLogs } from '@/lib/deployments/log/read-logs';
import { redeploy, rollback } from '@/lib/deployments/repeat-deployment';
import { getService } from '@/lib/deployments/service/get-service';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { TOKEN } from '../local-cloud/railway/support';
import { auditActions } from '../projects/support';
import { app, testDeployments, type TestDeployments } from './support/studio';

const shop = { kind: 'repository', repository: 'acme/shop', branch: 'main' };

describe('a deployment', () => {
  let studio: TestDeployments;

  beforeAll(async () => {
    studio = await testDeployments();
  });

  afterAll(() => studio.close());

  const text = async (url: string | null) => (await fetch(url ?? '')).text();

  it('brings an app up with its variables, and again with changed ones, and goes back', async () => {
    const project = await studio.newProject();
    await changeVariables(studio.owner.ctx, project, { variables: [{ name: 'GREETING', value: 'hello' }] });
    const asked = await createDeployment(studio.owner.ctx, project, { source: shop });
    expect(asked).toMatchObject({ number: 1, kind: 'deploy', status: 'PREPARING', live: false, url: null });
    const first = await studio.ended(project, asked.id);
    expect(first).toMatchObject({ status: 'SUCCESS', live: true, manifest_version: 1, reason: null });
    expect(first.states.map(({ status }) => status).slice(0, 1)).toEqual(['PREPARING']);
    expect(first.states.at(-1)?.status).toBe('SUCCESS');
    expect(first.steps.every(({ state }) => state === 'done' || state === 'skipped')).toBe(true);
    expect(await text(first.url)).toBe('hello');
    expect((await readLogs(studio.owner.ctx, project, first.id, { kind: 'runtime' })).lines.map(({ message }) => message)).toContain('listening');
    expect((await readLogs(studio.owner.ctx, project, first.id, { kind: 'build', search: 'DONE' })).lines).toHaveLength(1);
    expect(await auditActions(studio, first.id)).toEqual(['deployment.created', 'deployment.succeeded']);

    await changeVariables(studio.owner.ctx, project, { variables: [{ name: 'GREETING', value: 'goodbye' }] });
    const second = await studio.ended(project, (await redeploy(studio.owner.ctx, project, first.id)).id);
    expect(second).toMatchObject({ number: 2, kind: 'redeploy', status: 'SUCCESS', live: true, manifest_version: 2, of: { number: 1 } });
    expect(await text(second.url)).toBe('goodbye');

    const third = await studio.ended(project, (await rollback(studio.owner.ctx, project, first.id)).id);
    expect(third).toMatchObject({ number: 3, kind: 'rollback', status: 'SUCCESS', live: true, manifest_version: 1, of: { number: 1 } });
    expect(await text(third.url)).toBe('hello');
    const { service } = await getService(studio.owner.ctx, project);
    expect(service).toMatchObject({ source: { kind: 'repository', name: 'acme/shop', branch: 'main' }, url: third.url, busy: false });
  });

  it('repeats what it was itself, whatever the service was told since, and is made anew when somebody removed it at Railway', async () => {
    await studio.cloud.push('acme/other', app('"the other app"'));
    const project = await studio.newProject('Sources');
    const first = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source: shop })).id);
    const other = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source: { ...shop, repository: 'acme/other' } })).id);
    expect(await text(other.url)).toBe('the other app');
    const again = await studio.ended(project, (await redeploy(studio.owner.ctx, project, first.id)).id);
    expect([again.status, again.source, await text(again.url)]).toEqual(['SUCCESS', 'acme/shop', 'no greeting']);
    const [row] = await studio.raw<{ id: string }>('select railway_service_id as id from services s join projects p on p.id = s.project_id where p.public_id = $1', [project]);
    await studio.owner.ctx.railway.withToken(TOKEN).deleteService(row?.id ?? '');
    const anew = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, {})).id);
    expect([anew.status, anew.reason, await text(anew.url)]).toEqual(['SUCCESS', null, 'the other app']);
  });

  it('that cannot be built says so, keeps its lines, and the next one goes on from there', async () => {
    const project = await studio.newProject();
    await studio.cloud.push('acme/broken', { ...app('1'), 'package.json': '{ not json' });
    const failed = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source: { ...shop, repository: 'acme/broken' } })).id);
    expect(failed).toMatchObject({ status: 'FAILED', live: false, url: null });
    expect(failed.reason).toMatch(/build log/);
    expect((await readLogs(studio.owner.ctx, project, failed.id, { kind: 'build' })).lines.length).toBeGreaterThan(0);
    const again = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source: shop })).id);
    expect(again).toMatchObject({ number: 2, status: 'SUCCESS', live: true });
    expect(await text(again.url)).toBe('no greeting');
  });
});
