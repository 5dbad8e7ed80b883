import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { app, Cloud, openFolder, Service } from './support';

let cloud: Cloud;

beforeEach(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.push('pid', app('process.pid'));
});
afterEach(() => rm(cloud.folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the stand-in started again', () => {
  it('keeps projects, addresses and apps, and calls what was under way failed', async () => {
    await cloud.start();
    const service = await Service.create(cloud, 'pid');
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('SUCCESS');
    const before = Number(await service.text());
    const [built, ran] = [await service.logs('build', id), await service.logs('deployment', id)];
    await service.update({ buildCommand: 'sleep 30' });
    const building = await service.deploy();
    await expect.poll(async () => (await service.deployment(building)).status).toBe('BUILDING');
    await cloud.stop();
    expect(isAlive(before)).toBe(false);

    await cloud.start();
    await expect.poll(async () => Number(await service.text()), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(Number(await service.text())).not.toBe(before);
    expect((await service.deployment(id)).status).toBe('SUCCESS');
    expect((await service.deployment(building)).status).toBe('FAILED');
    expect(await service.messages('build', building)).toContain('The stand-in was stopped');
    expect(await service.logs('build', id)).toEqual(built);
    const runsOn = await service.logs('deployment', id);
    expect(runsOn.slice(0, ran.length)).toEqual(ran);
    expect(runsOn.filter(({ message }) => message === 'serving')).toHaveLength(2);
    await cloud.stop();
  });

  it('ends what a killed one left behind, also what hid in a session of its own', async () => {
    await cloud.push('hider', app('child.pid', `import { spawn } from 'node:child_process';
      const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });`));
    await cloud.startProcess();
    const [plain, hider] = [await Service.create(cloud, 'pid'), await Service.create(cloud, 'hider')];
    for (const service of [plain, hider]) expect(await service.settle(await service.deploy())).toBe('SUCCESS');
    const left = [Number(await plain.text()), Number(await hider.text())];
    await cloud.killProcess();
    expect(left.every(isAlive)).toBe(true);

    await cloud.start();
    await expect.poll(() => left.some(isAlive), { timeout: 5000 }).toBe(false);
    await expect.poll(async () => Number(await plain.text()), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(left).not.toContain(Number(await plain.text()));
    await expect.poll(async () => Number(await hider.text()), { timeout: 10_000 }).toBeGreaterThan(0);
    const hidden = Number(await hider.text());
    await cloud.stop();
    await expect.poll(() => isAlive(hidden), { timeout: 5000 }).toBe(process.platform !== 'linux');
  });
});
