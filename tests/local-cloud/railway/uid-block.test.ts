import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UidBlock, UIDS } from '@/lib/local-cloud/railway/uid-block';
import { ownerOf, ownSleep, pidsOf } from './host-processes';
import { app, Cloud, openFolder, Service } from './support';

const isRoot = process.getuid?.() === 0;
const blocks: UidBlock[] = [];

afterEach(() => {
  for (const block of blocks.splice(0)) block.release();
});

async function reserve(kept: number | null = null): Promise<UidBlock> {
  const block = await UidBlock.reserve(kept);
  blocks.push(block);
  return block;
}

const state = z.object({ firstUid: z.number(), instances: z.array(z.object({ id: z.string(), uid: z.number() })) });

describe('the user numbers of a stand-in', () => {
  it('are shared with no other one, and keep out of what systems give out', async () => {
    const firsts: number[] = [];
    for (let i = 0; i < 10; i += 1) firsts.push((await reserve()).first);
    expect(new Set(firsts).size).toBe(10);
    for (const first of firsts) {
      expect(first).toBeGreaterThanOrEqual(40_000);
      expect(first + UIDS).toBeLessThanOrEqual(60_000);
      expect(first % UIDS).toBe(0);
    }
  });

  it('stay the same unless another one has them', async () => {
    const block = await reserve();
    block.release();
    expect((await reserve(block.first)).first).toBe(block.first);
    expect((await reserve(block.first)).first).not.toBe(block.first);
  });

  it('are none of a process that runs', async () => {
    const block = await reserve();
    if (!isRoot) return expect(block.first).toBeGreaterThan(0);
    const uid = block.first + UIDS - 1;
    const child = spawn('sleep', ['600'], { uid, gid: uid });
    try {
      block.release();
      const taken = new Set<number>();
      for (let i = 0; i < 20; i += 1) taken.add((await reserve()).first);
      expect(taken.size).toBe(20);
      expect(taken).not.toContain(block.first);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
});

describe('two stand-ins on one machine', () => {
  it('give their apps different users, also when one comes back to numbers that are taken', async () => {
    const [one, two] = [new Cloud(await openFolder()), new Cloud(await openFolder())];
    const [sleepOne, sleepTwo] = [ownSleep(), ownSleep()];
    const withChild = (line: string): Record<string, string> => app('process.env.HOME', `import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      writeFileSync(process.env.HOME + '/kept', 'x');
      spawn('/bin/sh', ['-c', ${JSON.stringify(`exec ${line}`)}], { stdio: 'ignore' });`);
    await one.push('app', withChild(sleepOne));
    await two.push('app', withChild(sleepTwo));
    const read = async (cloud: Cloud) => state.parse(JSON.parse(await readFile(path.join(cloud.folder, 'data', 'state.json'), 'utf8')));
    const ownerOfSleep = async (line: string) => {
      await expect.poll(async () => (await pidsOf(line)).length, { timeout: 10_000 }).toBe(1);
      return ownerOf((await pidsOf(line))[0] ?? 0);
    };
    try {
      await one.start();
      await two.start();
      const services = await Promise.all([one, two].map((cloud) => Service.create(cloud, 'app', { startCommand: 'exec node app.mjs' })));
      for (const service of services) expect(await service.settle(await service.deploy())).toBe('SUCCESS');
      const owners = [await ownerOfSleep(sleepOne), await ownerOfSleep(sleepTwo)];
      if (!isRoot) return expect(owners).toEqual([process.getuid?.(), process.getuid?.()]);
      expect(new Set(owners).size).toBe(2);

      await one.stop();
      const { firstUid, instances: [instance] } = await read(one);
      const taken = await reserve(firstUid);
      expect(taken.first).toBe(firstUid);
      await one.start();
      const after = await read(one);
      expect(after.firstUid).not.toBe(firstUid);
      expect(await ownerOfSleep(sleepOne)).toBe(after.instances[0]?.uid);
      const home = path.join(one.folder, 'data', 'apps', instance?.id ?? '', 'home');
      expect((await stat(path.join(home, 'kept'))).uid).toBe(after.instances[0]?.uid);
      expect(await ownerOfSleep(sleepTwo)).toBe(owners[1]);
    } finally {
      await one.remove();
      await two.remove();
    }
  });
});
