import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { refreshService } from '@/lib/deployments/refresh-deployments';
import { rollback } from '@/lib/deployments/repeat-deployment';
import { listKeys } from '@/lib/projects/key/list-keys';
import { retireKey } from '@/lib/projects/key/retire-key';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import { systemCtx } from '@/lib/projects/tasks';
import { testDeployments, type TestDeployments } from './support/studio';

describe('rotating the key of an app that runs', () => {
  let studio: TestDeployments;

  beforeAll(async () => {
    studio = await testDeployments();
  });

  afterAll(() => studio.close());

  const keys = async (project: string) => (await listKeys(studio.owner.ctx, project)).data.map(({ id, state, purpose }) => ({ id, state, purpose }));

  it('fails no request: the app gets the new key, both work meanwhile, and the old one goes by itself', async () => {
    const project = await studio.newProject('Rotating');
    const first = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source: { kind: 'example' } })).id);
    expect([first.status, first.reason]).toEqual(['SUCCESS', null]);
    const url = first.url ?? '';
    await fetch(`${url}/notes`, { method: 'POST', body: new URLSearchParams({ text: 'kept through it all' }) });

    let asking = true;
    const answers: string[] = [];
    const visitors = Array.from({ length: 4 }, async () => {
      while (asking) {
        answers.push(await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(async (answer) => `${answer.status} ${(await answer.text()).includes('kept through it all')}`, String));
        await sleep(5);
      }
    });
    const [old] = await keys(project);
    await rotateKey(studio.owner.ctx, project, old?.id ?? '', { overlap_seconds: 0 });
    const [deployment] = (await listDeployments(studio.owner.ctx, project)).data;
    expect(deployment).toMatchObject({ number: 2, kind: 'redeploy', of: { number: 1 } });
    // The overlap is over at once, and the old key still stays until the app has the new one.
    const [row] = await studio.raw<{ id: string }>('select id from appwrite_keys where public_id = $1', [old?.id]);
    await retireKey(systemCtx(studio.ports, 'reconciler'), studio.organization.rowId, row?.id ?? '');
    expect((await keys(project)).map(({ state }) => state)).toEqual(['live', 'live']);
    const second = await studio.ended(project, deployment?.id ?? '');
    expect([second.status, second.live]).toEqual(['SUCCESS', true]);
    await studio.settle(async () => (await keys(project)).some(({ id, state }) => id === old?.id && state === 'revoked'));
    const order = await studio.raw<{ action: string }>(`select action from audit_logs where action in ('key.rotated', 'deployment.succeeded', 'key.retired') order by id`);
    expect(order.map(({ action }) => action).slice(-3)).toEqual(['key.rotated', 'deployment.succeeded', 'key.retired']);
    await sleep(300);
    asking = false;
    await Promise.all(visitors);
    expect(new Set(answers)).toEqual(new Set(['200 true']));
    expect(answers.length).toBeGreaterThan(100);
    console.info(`rotation: ${answers.length} requests while the key was rotated, 0 failed`);
  });

  it('leaves one deployment of a rollback that was started again with the new key', async () => {
    const project = await studio.newProject('Going back');
    const source = { kind: 'repository', repository: 'acme/shop' };
    const first = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    const [old] = await keys(project);
    await rotateKey(studio.owner.ctx, project, old?.id ?? '', { overlap_seconds: 3600 });
    const [second] = (await listDeployments(studio.owner.ctx, project)).data;
    await studio.ended(project, second?.id ?? '');
    const back = await studio.ended(project, (await rollback(studio.owner.ctx, project, first.id)).id);
    expect([back.status, back.live]).toEqual(['SUCCESS', true]);
    const restarted = await studio.raw<{ replaced: string[] }>('select replaced_railway_ids as replaced from deployments where public_id = $1', [back.id]);
    expect(restarted[0]?.replaced).toHaveLength(1);
    const [service] = await studio.raw<{ id: string }>('select s.id from services s join projects p on p.id = s.project_id where p.public_id = $1', [project]);
    await refreshService(systemCtx(studio.ports, 'reconciler'), studio.organization.rowId, service?.id ?? '');
    expect((await listDeployments(studio.owner.ctx, project)).data.map(({ kind }) => kind)).toEqual(['rollback', 'redeploy', 'deploy']);
  });
});
