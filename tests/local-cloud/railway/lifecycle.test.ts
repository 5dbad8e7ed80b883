import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isGone, ownSleep } from './host-processes';
import { app, Cloud, openFolder, Service } from './support';

const VERSION = 'process.env.VERSION';
let cloud: Cloud;

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.push('version', app(VERSION));
  await cloud.start({ settings: { keptBuilds: 2 } });
});
afterAll(() => cloud.remove());

async function serve(service: Service, version: string): Promise<string> {
  await service.setVariables({ VERSION: version });
  const id = await service.deploy();
  expect(await service.settle(id)).toBe('SUCCESS');
  return id;
}

const variables = (service: Service, unrendered: boolean): Promise<Record<string, string>> =>
  cloud.ask(z.record(z.string(), z.string()), 'query($p: String!, $e: String!, $s: String, $u: Boolean) { variables(projectId: $p, environmentId: $e, serviceId: $s, unrendered: $u) }', { p: service.projectId, e: service.environmentId, s: service.serviceId, u: unrendered });

describe('what was deployed before', () => {
  it('comes back with a rollback: its build, its answer and its variables', async () => {
    const service = await Service.create(cloud, 'version');
    const first = await serve(service, 'one');
    await cloud.push('version', app(`'new code ' + ${VERSION}`));
    await serve(service, 'two');
    expect(await service.text()).toBe('new code two');

    await service.act('Rollback', first);
    const [newest] = await service.deployments();
    expect(newest?.id).not.toBe(first);
    expect(await service.settle(newest?.id ?? '')).toBe('SUCCESS');
    expect(await service.text()).toBe('one');
    expect(await variables(service, true)).toEqual({ VERSION: 'one' });
    expect(await variables(service, false)).toMatchObject({ VERSION: 'one', RAILWAY_SERVICE_NAME: 'web' });
    await cloud.push('version', app(VERSION));
  });

  it('is built anew by a redeploy, or taken as it was built, with the variables of now', async () => {
    await cloud.push('changing', app(`'old ' + ${VERSION}`));
    const service = await Service.create(cloud, 'changing');
    const first = await serve(service, 'one');
    await cloud.push('changing', app(`'new ' + ${VERSION}`));
    await service.setVariables({ VERSION: 'two' });
    expect(await service.settle(await service.redeploy(first, true))).toBe('SUCCESS');
    expect(await service.text()).toBe('old two');
    expect(await service.settle(await service.redeploy(first))).toBe('SUCCESS');
    expect(await service.text()).toBe('new two');
  });

  it('is kept for the newest builds only', async () => {
    const service = await Service.create(cloud, 'version');
    const ids = [await serve(service, 'one'), await serve(service, 'two'), await serve(service, 'three')];
    await expect.poll(async () => (await Promise.all(ids.map((id) => service.deployment(id)))).map(({ canRollback }) => canRollback)).toEqual([false, true, true]);
    expect(await cloud.refusal('mutation($id: String!) { deploymentRollback(id: $id) }', { id: ids[0] })).toContain('cannot be rolled back');
  });
});

describe('what runs', () => {
  it('is stopped and started again', async () => {
    const service = await Service.create(cloud, 'version');
    const id = await serve(service, 'one');
    await service.act('Stop', id);
    expect(await service.deployment(id)).toMatchObject({ status: 'SUCCESS', deploymentStopped: true });
    expect((await fetch(service.url)).status).toBe(502);
    await service.act('Restart', id);
    await expect.poll(() => service.text(), { timeout: 10_000 }).toBe('one');
    expect((await service.deployment(id)).deploymentStopped).toBe(false);
  });

  it('is deployed anew when its variables change without being told to skip that', async () => {
    const service = await Service.create(cloud, 'version');
    await serve(service, 'one');
    await service.setVariables({ VERSION: 'two' }, { skipDeploys: false });
    await expect.poll(() => service.text(), { timeout: 10_000 }).toBe('two');
  });

  it('goes away with its service, its folders too', async () => {
    const service = await Service.create(cloud, 'version');
    await serve(service, 'one');
    const apps = path.join(cloud.folder, 'data', 'apps');
    const before = await readdir(apps);
    await cloud.ask(z.literal(true), 'mutation($id: String!) { serviceDelete(id: $id) }', { id: service.serviceId });
    await expect(fetch(service.url)).rejects.toThrow('fetch failed');
    expect(await readdir(apps)).toHaveLength(before.length - 1);
    expect(await cloud.refusal('query($id: String!) { service(id: $id) { id } }', { id: service.serviceId })).toBe('Service not found');
  });
});

describe('a build', () => {
  it('is cancelled, and its processes end', async () => {
    const sleep = ownSleep();
    const service = await Service.create(cloud, 'version', { buildCommand: `${sleep} & wait` });
    const id = await service.deploy();
    await expect.poll(() => isGone(sleep), { timeout: 10_000 }).toBe(false);
    await service.act('Cancel', id);
    await expect.poll(() => isGone(sleep)).toBe(true);
    expect(await service.deployment(id)).toMatchObject({ status: 'REMOVED', canRollback: false });
    expect(await cloud.refusal('mutation($id: String!) { deploymentCancel(id: $id) }', { id })).toContain('under way');
  });

  it('waits while two others run', async () => {
    const service = await Service.create(cloud, 'version', { buildCommand: 'sleep 30' });
    const ids = [await service.deploy(), await service.deploy(), await service.deploy()];
    const statuses = async () => (await Promise.all(ids.map((id) => service.deployment(id)))).map(({ status }) => status);
    await expect.poll(statuses).toEqual(['BUILDING', 'BUILDING', 'QUEUED']);
    await service.act('Cancel', ids[0] ?? '');
    await expect.poll(statuses).toEqual(['REMOVED', 'BUILDING', 'BUILDING']);
    await cloud.ask(z.literal(true), 'mutation($id: String!) { projectDelete(id: $id) }', { id: service.projectId });
  });

  it('is ended when it takes too long', async () => {
    const other = new Cloud(await openFolder());
    await other.push('version', app(VERSION));
    await other.start({ settings: { buildTimeoutMs: 500 } });
    try {
      const service = await Service.create(other, 'version', { buildCommand: 'sleep 30' });
      const id = await service.deploy();
      expect(await service.settle(id)).toBe('FAILED');
      expect(await service.messages('build', id)).toContain('took longer than 0.5 seconds');
    } finally {
      await other.remove();
    }
  });
});
