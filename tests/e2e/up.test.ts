import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removePostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { isAlive } from '../../scripts/lib/processes.mjs';
import { runState, up } from '../support/up';
import { answers, waitFor } from '../support/wait-for';

let dataDir: string;
let port: number;
let running: ReturnType<typeof up>;

async function pidOf(name: string): Promise<number> {
  const pid = (await runState(dataDir)).children.find((child) => child.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} is not running`);
  return pid;
}

function ready(): Promise<boolean> {
  return answers(`http://127.0.0.1:${port}/ready`);
}

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'studio-up-'));
  port = await anyFreePort();
  running = up(dataDir, ['--port', String(port), '--no-demo']);
  await running.says(/Studio is ready/);
});

afterAll(async () => {
  running.signal('SIGTERM');
  await running.ended;
  await removePostgres(dataDir);
  await rm(dataDir, { recursive: true, force: true });
});

describe('npm run up', () => {
  it('prints where to go, and it is there', async () => {
    expect(running.output()).toContain(`http://localhost:${port}`);
    expect(running.output()).toContain(dataDir);
    expect(await ready()).toBe(true);
    const mailbox = /Mailbox\s+(\S+)/.exec(running.output())?.[1];
    expect(await answers(`${mailbox}/api/messages`)).toBe(true);
  });

  it('keeps secrets readable by their owner alone, and prints none', async () => {
    for (const name of ['secrets.json', 'postgres.json', 'run.json']) {
      expect((await stat(path.join(dataDir, name))).mode & 0o077).toBe(0);
    }
    const folder = await stat(dataDir);
    expect(folder.mode & 0o007).toBe(0);
    const secrets = `${await readFile(path.join(dataDir, 'secrets.json'), 'utf8')}${await readFile(path.join(dataDir, 'postgres.json'), 'utf8')}`;
    const values = [...secrets.matchAll(/"(?:encryptionKeys|appwritePassword|owner|app|jobs|appwrite)": "([^"]{16,})"/g)].map(([, value]) => value ?? '');
    expect(values).toHaveLength(6);
    let logs = running.output();
    for (const name of await readdir(path.join(dataDir, 'logs'))) logs += await readFile(path.join(dataDir, 'logs', name), 'utf8');
    expect(values.filter((value) => logs.includes(value))).toEqual([]);
  });

  it('a second one says where the first runs, and leaves it alone', async () => {
    const before = await runState(dataDir);
    const second = up(dataDir);
    expect(await second.ended).toBe(0);
    expect(second.output()).toContain(`already runs at http://localhost:${port}`);
    expect(await runState(dataDir)).toEqual(before);
  });

  it('refuses --reset while it runs', async () => {
    const second = up(dataDir, ['--reset', '--yes']);
    expect(await second.ended).toBe(2);
    expect(second.output()).toMatch(/stop it before --reset/);
    expect(await ready()).toBe(true);
  });

  it.each(['worker', 'server', 'local-cloud'])('starts a killed %s again and says so', async (name) => {
    const before = await pidOf(name);
    process.kill(before, 'SIGKILL');
    await running.says(new RegExp(`${name} ended by SIGKILL; starting it again`));
    await waitFor(async () => (await pidOf(name).catch(() => before)) !== before, { what: `a new ${name}`, withinMs: 20_000 });
    await waitFor(ready, { what: 'Studio to be ready', withinMs: 20_000 });
    expect(isAlive(before)).toBe(false);
  });

  it('starts a killed Postgres again, with its data', async () => {
    const pid = await postmasterPid();
    process.kill(pid, 'SIGKILL');
    await running.says(/Postgres ended; starting it again/);
    await waitFor(async () => (await postmasterPid()) !== pid && ready(), { what: 'Studio on a new Postgres', withinMs: 20_000 });
    expect(await postmasterPid()).not.toBe(pid);
  });

  it('just works after kill -9, and ends what was left behind', async () => {
    const { children } = await runState(dataDir);
    running.signal('SIGKILL');
    await running.ended;
    expect(children.every(({ pid }) => isAlive(pid))).toBe(true);
    running = up(dataDir);
    await running.says(/Studio is ready/);
    expect(running.output()).toMatch(/ended what the last run left behind: .*server/);
    expect(children.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(await ready()).toBe(true);
  });

  it('stops everything when asked, and starts again on the same address', async () => {
    const { children } = await runState(dataDir);
    const postgres = await postmasterPid();
    running.signal('SIGTERM');
    expect(await running.ended).toBe(0);
    expect([...children.map(({ pid }) => pid), postgres].filter(isAlive)).toEqual([]);
    running = up(dataDir);
    await running.says(/Studio is ready/);
    expect(running.output()).toContain(`http://localhost:${port}`);
    expect(await ready()).toBe(true);
  });

  it('moves to the next port when a neighbour took its own, and says so', async () => {
    running.signal('SIGTERM');
    await running.ended;
    const neighbour = createServer().listen(port, '127.0.0.1');
    try {
      running = up(dataDir);
      await running.says(/Studio is ready/);
      expect(running.output()).toContain(`port ${port} is in use, so server listens on ${port + 1}`);
      const asked = up(await mkdtemp(path.join(dataDir, 'other-')), ['--port', String(port)]);
      expect(await asked.ended).toBe(2);
      expect(asked.output()).toContain(`port ${port} is in use`);
    } finally {
      neighbour.close();
    }
  });
});

async function postmasterPid(): Promise<number> {
  const { elsewhere = path.join(dataDir, 'postgres') }: { elsewhere?: string } = JSON.parse(await readFile(path.join(dataDir, 'postgres.json'), 'utf8'));
  const file = await readFile(path.join(elsewhere, 'cluster', 'postmaster.pid'), 'utf8').catch(() => '0');
  return Number(file.split('\n')[0]);
}
