import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isGone, ownerOf, ownSleep, pidsOf } from './host-processes';
import { app, Cloud, openFolder, Service } from './support';

const isRoot = process.getuid?.() === 0;
const START = { startCommand: 'exec node app.mjs' };
const isTrue = z.literal(true);
let cloud: Cloud;

beforeEach(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.push('started', app('Date.now() - process.uptime() * 1000'));
});
afterEach(() => rm(cloud.folder, { recursive: true, force: true }));

/** An app that starts `command` in a session of its own. */
const hiding = (command: string): Record<string, string> => app("'hides'", `import { spawn } from 'node:child_process';
  spawn('/bin/sh', ['-c', ${JSON.stringify(`exec setsid ${command}`)}], { detached: true, stdio: 'ignore' });`);

async function serve(repo: string, settings: object = START): Promise<Service> {
  const service = await Service.create(cloud, repo, settings);
  expect(await service.settle(await service.deploy())).toBe('SUCCESS');
  return service;
}

const gone = (sleep: string) => expect.poll(() => isGone(sleep), { timeout: 5000 }).toBe(true);
const there = (sleep: string) => expect.poll(() => isGone(sleep), { timeout: 10_000 }).toBe(false);

describe('the stand-in started again', () => {
  it('keeps projects, addresses and apps, and calls what was under way failed', async () => {
    const sleep = ownSleep();
    await cloud.push('sleeper', hiding(sleep));
    await cloud.start();
    const service = await serve('started');
    const sleeper = await serve('sleeper');
    await there(sleep);
    const id = (await service.deployments())[0]?.id ?? '';
    const before = Number(await service.text());
    const [built, ran] = [await service.logs('build', id), await service.logs('deployment', id)];
    await service.update({ buildCommand: 'sleep 30' });
    const building = await service.deploy();
    await expect.poll(async () => (await service.deployment(building)).status).toBe('BUILDING');
    await cloud.stop();
    expect(await isGone(sleep)).toBe(true);

    await cloud.start();
    await expect.poll(async () => Number(await service.text()), { timeout: 10_000 }).toBeGreaterThan(before);
    expect((await service.deployment(id)).status).toBe('SUCCESS');
    expect((await service.deployment(building)).status).toBe('FAILED');
    expect(await service.messages('build', building)).toContain('The stand-in was stopped');
    expect(await service.logs('build', id)).toEqual(built);
    const runsOn = await service.logs('deployment', id);
    expect(runsOn.slice(0, ran.length)).toEqual(ran);
    expect(runsOn.filter(({ message }) => message === 'serving')).toHaveLength(2);
    await expect.poll(() => sleeper.text(), { timeout: 10_000 }).toBe('hides');
    await cloud.stop();
  });

  // What clears its environment is found by its user, which only root can give it.
  const ways = isRoot ? [['', true], ['', false], ['env -i ', true], ['env -i ', false]] as const : [['', false]] as const;

  it.each(ways)('ends what a killed one left behind, whatever it hid in («%s», in namespaces: %s)', async (disguise, isolate) => {
    const sleep = ownSleep();
    await cloud.push('hider', hiding(disguise + sleep));
    await cloud.startProcess(isolate);
    const hider = await serve('hider');
    await there(sleep);
    const left = await pidsOf(sleep);
    await cloud.killProcess();
    // In namespaces nothing outlives the stand-in; elsewhere the next one finds it.
    if (isRoot && isolate) await gone(sleep);
    else expect(await pidsOf(sleep)).toEqual(left);

    await cloud.start({ isolate });
    await expect.poll(async () => (await pidsOf(sleep)).some((pid) => left.includes(pid)), { timeout: 5000 }).toBe(false);
    await expect.poll(() => hider.text(), { timeout: 10_000 }).toBe('hides');
    await there(sleep);
    await cloud.stop();
    await gone(sleep);
  });
});

describe('what an app or a build starts in disguise', () => {
  const cases = isRoot ? [true, false] : [false];

  it.each(cases)('ends with its app, its build and its service (in namespaces: %s)', async (isolate) => {
    const [ofApp, ofOther, ofBuild, ofFailed] = [ownSleep(), ownSleep(), ownSleep(), ownSleep()];
    const disguise = isRoot ? 'env -i setsid ' : 'setsid ';
    await cloud.push('hider', hiding(isRoot ? `env -i ${ofApp}` : ofApp));
    await cloud.push('other', hiding(isRoot ? `env -i ${ofOther}` : ofOther));
    await cloud.start({ isolate });
    const [hider, other] = [await serve('hider'), await serve('other')];
    await there(ofApp);
    await there(ofOther);
    if (isRoot) expect(await ownerOf((await pidsOf(ofApp))[0] ?? 0)).not.toBe(await ownerOf((await pidsOf(ofOther))[0] ?? 0));

    const builds = await serve('started', { ...START, buildCommand: `${disguise}${ofBuild} >/dev/null 2>&1 & sleep 0.2` });
    await gone(ofBuild);
    await builds.update({ buildCommand: `${disguise}${ofFailed} >/dev/null 2>&1 & sleep 0.2; exit 1` });
    // In namespaces a build's processes end with it even while an app of the same user runs.
    if (!isolate) await builds.act('Stop', (await builds.deployments())[0]?.id ?? '');
    expect(await builds.settle(await builds.deploy())).toBe('FAILED');
    await gone(ofFailed);

    await hider.act('Stop', (await hider.deployments())[0]?.id ?? '');
    await gone(ofApp);
    expect(await isGone(ofOther)).toBe(false);
    await cloud.ask(isTrue, 'mutation($id: String!) { serviceDelete(id: $id) }', { id: other.serviceId });
    await gone(ofOther);
    await cloud.stop();
  });
});
