import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, Cloud, openFolder, Service } from './support';

const LINES = 1_000_000;
const MAX_MB = 300;
let cloud: Cloud;

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.push('talker', app("'said'", "for (let i = 0; i < 20; i += 1) console[i % 2 === 0 ? 'log' : 'error'](`line ${i}`); console.log('ä'.repeat(5000));"));
  await cloud.push('flood', app('written', `import { writeSync } from 'node:fs';
    let written = 0;
    const block = Array.from({ length: 1000 }, (_, i) => 'a line of a flood that never seems to end ' + i).join('\\n') + '\\n';
    const write = () => { if (written === ${LINES}) return console.log('the last line'); written += 1000; process.stdout.write(block, () => setImmediate(write)); };
    write();`));
  await cloud.startProcess();
});
afterAll(async () => {
  await cloud.killProcess();
  // What the killed one left behind is ended by the next one.
  await cloud.start();
  await cloud.stop();
  await rm(cloud.folder, { recursive: true, force: true });
});

describe('logs', () => {
  it('come apart by kind, in order, with severities, and are read by page', async () => {
    const service = await Service.create(cloud, 'talker', { startCommand: 'exec node app.mjs', buildCommand: 'echo built' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('SUCCESS');
    const all = await service.logs('deployment', id);
    expect(await service.messages('build', id)).toContain('built');
    expect(all.map(({ message }) => message)).not.toContain('built');
    expect(all.filter(({ message }) => message.startsWith('line'))).toHaveLength(20);
    expect(all.find(({ message }) => message === 'line 4')?.severity).toBe('info');
    expect(all.find(({ message }) => message === 'line 5')?.severity).toBe('error');
    const times = all.map(({ timestamp }) => timestamp);
    expect(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(time))).toBe(true);
    expect(times).toEqual([...new Set(times)].toSorted());
    const long = all.find(({ message }) => message.startsWith('ä'));
    expect(long?.message).toBe(`${'ä'.repeat(2048)}… (cut)`);

    expect(await service.logs('deployment', id, { limit: 3 })).toEqual(all.slice(-3));
    expect(await service.logs('deployment', id, { limit: 3, startDate: times[2] })).toEqual(all.slice(2, 5));
    expect(await service.logs('deployment', id, { startDate: times[2], endDate: times[4] })).toEqual(all.slice(2, 5));
    expect((await service.logs('deployment', id, { filter: 'line 1' })).map(({ message }) => message).toSorted()).toEqual(['line 1', ...Array.from({ length: 10 }, (_, i) => `line ${i + 10}`)]);
    expect(await cloud.refusal('query($id: String!) { buildLogs(deploymentId: $id, startDate: "yesterday") { message } }', { id })).toContain('RFC 3339');
  });

  it(`stay small when an app writes ${LINES} lines, and say how many were dropped`, async () => {
    const service = await Service.create(cloud, 'flood', { startCommand: 'exec node app.mjs' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('SUCCESS');
    await expect.poll(async () => (await service.logs('deployment', id, { limit: 1 }))[0]?.message, { timeout: 50_000, interval: 250 }).toBe('the last line');
    const first = await service.logs('deployment', id, { limit: 2, startDate: '2000-01-01T00:00:00Z' });
    expect(first[0]).toMatchObject({ severity: 'error', message: expect.stringMatching(/^99\d{4} earlier lines were dropped: only the newest 10000 are kept\.$/) });
    expect(first[1]?.message).toMatch(/^a line of a flood/);
    if (process.platform !== 'linux') return;
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${cloud.pid}/status`, 'utf8'))?.[1]) / 1024;
    console.log(`Railway stand-in: ${LINES} lines, ${Math.round(peak)} MB at most`);
    expect(peak).toBeLessThan(MAX_MB);
  });
});
