import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { deleteProject } from '@/lib/projects/delete-project';
import { getProject } from '@/lib/projects/get-project';
import { listKeys } from '@/lib/projects/key/list-keys';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import { restoreProject } from '@/lib/projects/restore-project';
import { createProject } from '@/lib/projects/create-project';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { deleteWebhook } from '@/lib/webhooks/delete-webhook';
import { listDeliveries } from '@/lib/webhooks/delivery/list-deliveries';
import { eventTypes } from '@/lib/webhooks/events';
import { readyProject, testProjects, type TestProjects } from '../projects/support';

let studio: TestProjects;
beforeAll(async () => {
  studio = await testProjects();
});
afterAll(() => studio.close());

let webhook: string;
beforeEach(async () => {
  await studio.raw('delete from webhook_deliveries');
  await studio.raw('delete from webhooks');
  ({ id: webhook } = await createWebhook(studio.owner.ctx, studio.organization.id, { url: 'https://hooks.example.com/', events: [...eventTypes] }));
});

/** What was told, oldest first. */
async function told(): Promise<[type: string, data: Record<string, unknown>][]> {
  const { data } = await listDeliveries(studio.owner.ctx, studio.organization.id, webhook, { limit: '100' });
  return data.reverse().map(({ type, payload }) => [type, payload.data]);
}

it('tells a project from its wish to its end, and never a secret', async () => {
  const { ctx } = studio.owner;
  const project = await readyProject(studio, 'Shop');
  const named = { id: project.id, name: 'Shop' };
  const [key] = (await listKeys(ctx, project.id)).data;
  const rotated = await rotateKey(ctx, project.id, key?.id ?? '', {});
  await changeVariables(ctx, project.id, { variables: [{ name: 'PAYMENT_TOKEN', value: 'a-very-secret-value' }] });
  await changeVariables(ctx, project.id, { variables: [{ name: 'PAYMENT_TOKEN', value: 'another-secret-value' }], preview: true });
  await deleteProject(ctx, project.id, { confirm_name: 'Shop' });
  await studio.settle(async () => (await studio.raw(`select from sagas where state = 'running'`)).length === 0);
  await restoreProject(ctx, project.id);
  expect((await told()).map(([type]) => type)).not.toContain('project.restored');
  await studio.settle(async () => (await getProject(ctx, project.id)).status === 'ready');
  const organizationId = { organization_id: studio.organization.id };
  expect(await told()).toEqual([
    ['project.created', { project: named, ...organizationId }],
    ['project.ready', { project: named, ...organizationId }],
    ['key.rotated', { project: { id: project.id }, key: { id: rotated.id, name: rotated.name }, replaces: key?.id, overlap_seconds: expect.any(Number), ...organizationId }],
    ['environment.changed', { project: named, environment: 'production', added: ['PAYMENT_TOKEN'], ...organizationId }],
    ['project.deleted', { project: named, ...organizationId }],
    ['project.restored', { project: { ...named, status: 'ready' }, ...organizationId }],
  ]);
  const stored = await studio.raw<{ row: string }>('select d::text as row from webhook_deliveries d');
  for (const secret of [rotated.secret, 'secret-value']) expect(stored.filter(({ row }) => row.includes(secret))).toEqual([]);
});

it('tells why a project could not be set up', async () => {
  studio.appwrite.standIn.faults.add({ method: 'POST', path: '/v1/**', skip: 1, effect: { kind: 'not-found-page' } });
  const project = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: 'Doomed' });
  await studio.settle(async () => (await getProject(studio.owner.ctx, project.id)).status === 'failed');
  studio.appwrite.standIn.faults.clear();
  const last = (await told()).at(-1);
  expect(last).toEqual(['project.failed', { project: { id: project.id, name: 'Doomed', status: 'failed' }, reason: expect.any(String), organization_id: studio.organization.id }]);
  await deleteProject(studio.owner.ctx, project.id, { confirm_name: 'Doomed' });
  await restoreProject(studio.owner.ctx, project.id);
  expect((await told()).at(-1)).toEqual(['project.restored', { project: { id: project.id, name: 'Doomed', status: 'failed' }, organization_id: studio.organization.id }]);
});

it('fails no change when a webhook goes at the same moment', async () => {
  for (let round = 0; round < 8; round += 1) {
    const { id } = await createWebhook(studio.owner.ctx, studio.organization.id, { url: 'https://hooks.example.com/', events: ['project.created'] });

    const outcomes = await Promise.allSettled([
      createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: `Race ${round}` }),
      deleteWebhook(studio.owner.ctx, studio.organization.id, id),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  }
});
