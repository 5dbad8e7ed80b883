import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removePostgres, startPostgres, type RunningPostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { isAlive, waitUntilGone } from '../../scripts/lib/processes.mjs';
import { withClient } from '../support/postgres';

let dataDir: string;
let postgres: RunningPostgres;

async function start(): Promise<RunningPostgres> {
  postgres = await startPostgres({ dataDir, port: await anyFreePort() });
  return postgres;
}

async function select(url: string, sql: string): Promise<unknown> {
  const { rows } = await withClient(url, (client) => client.query({ text: sql, rowMode: 'array' }));
  return rows[0]?.[0];
}

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'studio-postgres-test-'));
  await start();
});

afterAll(async () => {
  await removePostgres(dataDir);
  await rm(dataDir, { recursive: true, force: true });
});

describe('embedded Postgres', () => {
  it('is Postgres 18 with the roles and databases of Studio', async () => {
    expect(await select(postgres.urls.owner, 'show server_version_num')).toMatch(/^18/);
    expect(await select(postgres.urls.app, 'select current_user')).toBe('studio_app');
    expect(await select(postgres.urls.jobs, 'select current_user')).toBe('studio_jobs');
    expect(await select(postgres.urls.appwrite, 'select current_database()')).toBe('appwrite');
  });

  it('gives the runtime roles no power beyond logging in', async () => {
    const powers = await select(
      postgres.urls.owner,
      `select count(*)::int from pg_roles where rolname in ('studio_app', 'studio_jobs', 'appwrite_local')
       and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
    );
    expect(powers).toBe(0);
  });

  it("keeps the stand-in's role and the platform's roles out of each other's database", async () => {
    await expect(select(postgres.url('appwrite', 'studio'), 'select 1')).rejects.toThrow(/permission denied/);
    await expect(select(postgres.url('app', 'appwrite'), 'select 1')).rejects.toThrow(/permission denied/);
  });

  it('refuses a wrong password and an account without one', async () => {
    const wrong = new URL(postgres.urls.app);
    wrong.password = 'wrong';
    await expect(select(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    wrong.password = '';
    await expect(select(wrong.href, 'select 1')).rejects.toThrow(/password/);
  });

  it('keeps its passwords and its files from other accounts', async () => {
    const passwords = await stat(path.join(dataDir, 'postgres.json'));
    expect(passwords.mode & 0o077).toBe(0);
    const folder = await stat(path.join(postgres.location, 'cluster'));
    expect(folder.mode & 0o077).toBe(0);
  });

  it('finds the running server instead of starting a second one', async () => {
    const before = postgres.pid;
    const again = await start();
    expect(again).toMatchObject({ pid: before, reused: true });
  });

  it('keeps committed rows over kill -9 of the server, with a stale pid file left behind', async () => {
    await select(postgres.urls.owner, 'create table survivors as select 42 as n');
    process.kill(postgres.pid, 'SIGKILL');
    expect(await waitUntilGone(postgres.pid, 5_000)).toBe(true);
    const again = await start();
    expect(again.reused).toBe(false);
    expect(await select(again.urls.owner, 'select n from survivors')).toBe(42);
  });

  it('does not take another process for its own when a pid was reused', async () => {
    const pidFile = path.join(postgres.location, 'cluster', 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await postgres.stop();
    await writeFile(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'));
    const again = await start();
    expect(again.reused).toBe(false);
    expect(isAlive(process.pid)).toBe(true);
    expect(await select(again.urls.app, 'select 1')).toBe(1);
  });

  it('goes with its folder when that is moved', async () => {
    const parent = await mkdtemp(path.join(tmpdir(), 'studio-moved-'));
    await chmod(parent, 0o711);
    const [before, after] = [path.join(parent, 'before'), path.join(parent, 'after')];
    const first = await startPostgres({ dataDir: before, port: await anyFreePort() });
    await select(first.urls.owner, 'create table moved as select 1 as n');
    await first.stop();
    await rename(before, after);
    const second = await startPostgres({ dataDir: after });
    expect(second.location).toBe(path.join(after, 'postgres'));
    expect(await select(second.urls.owner, 'select n from moved')).toBe(1);
    await removePostgres(after);
    expect(await readdir(after)).toEqual([]);
    await rm(parent, { recursive: true, force: true });
  });

  it('moves to the next port when its own is taken', async () => {
    const before = postgres.port;
    await postgres.stop();
    const { createServer } = await import('node:net');
    const neighbour = createServer().listen(before, '127.0.0.1');
    try {
      const again = await start();
      expect(again.port).toBeGreaterThan(before);
      expect(await select(again.urls.app, 'select 1')).toBe(1);
    } finally {
      neighbour.close();
    }
  });
});
