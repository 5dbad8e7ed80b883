import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStudio, type RunningStudio } from '../support/studio';
import { answers } from '../support/wait-for';

let studio: RunningStudio;

beforeAll(async () => {
  studio = await startStudio();
});

afterAll(async () => {
  await studio.stop();
});

describe('the processes', () => {
  it('answer on /live and /ready, each on its own', async () => {
    expect(await answers(`${studio.url}/live`)).toBe(true);
    expect(await answers(`${studio.url}/ready`)).toBe(true);
    expect(await answers(`${studio.appwriteUrl}/health/version`)).toBe(true);
  });

  it('come back after kill -9', async () => {
    await studio.workers[0]?.kill();
    const worker = await studio.startWorker();
    await studio.servers[0]?.kill();
    expect(await answers(`${studio.url}/live`)).toBe(false);
    await studio.startServer();
    expect(await answers(`${studio.url}/ready`)).toBe(true);
    expect(await worker.stop()).toBe(0);
  });

  it('stop on SIGTERM with code 0, and log lines that are JSON', async () => {
    const worker = await studio.startWorker();
    const code = await worker.stop();
    const lines = (await worker.output()).split('\n').filter((line) => line.startsWith('{'));
    expect(code).toBe(0);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(expect.arrayContaining(['ready', 'stopping']));
  });

  it('refuse to start when the port is taken', async () => {
    await expect(studio.startServer()).rejects.toThrow(/EADDRINUSE/);
  });
});
