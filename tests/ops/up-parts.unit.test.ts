import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoLogin } from '@/lib/seed-demo';
import { writeFileAtomic } from '../../scripts/lib/files.mjs';
import { hashSources } from '../../scripts/lib/sources.mjs';
import { parseOptions } from '../../scripts/lib/up/args.mjs';
import { takeLock } from '../../scripts/lib/up/lock.mjs';
import { configuredServices, DEMO_LOGIN, localSecrets } from '../../scripts/lib/up/settings.mjs';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'studio-parts-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the options of up', () => {
  it('are read', () => {
    expect(parseOptions(['--port', '4000', '--no-demo'])).toMatchObject({ port: 4000, demo: false, dev: false, reset: false });
    expect(parseOptions([])).toMatchObject({ port: undefined, demo: true });
  });

  it.each([[['--prot', '4000']], [['--port', '0']], [['--port', '70000']], [['--port', '4k']], [['--port']], [['now']], [['--yes']]])(
    'refuse %j with a message',
    (args) => {
      expect(() => parseOptions(args)).toThrow(/--|now/);
    },
  );
});

describe('the services of the environment', () => {
  it('are taken whole or not at all', () => {
    expect(configuredServices({})).toEqual({ database: false, appwrite: false, smtp: false, redis: false, railway: false });
    expect(configuredServices({ RAILWAY_API_URL: 'x' })).toMatchObject({ railway: true });
    expect(configuredServices({ STUDIO_MODE: 'production' })).toMatchObject({ railway: true });
    const database = { DATABASE_URL: 'x', DATABASE_OWNER_URL: 'x', DATABASE_JOBS_URL: 'x' };
    expect(configuredServices({ ...database, REDIS_URL: 'x' })).toMatchObject({ database: true, redis: true });
    expect(() => configuredServices({ DATABASE_URL: 'x' })).toThrow(/DATABASE_OWNER_URL and DATABASE_JOBS_URL is not set/);
    expect(() => configuredServices({ APPWRITE_PLATFORM_ENDPOINT: 'x', APPWRITE_PLATFORM_EMAIL: 'x' })).toThrow(/APPWRITE_PLATFORM_PASSWORD/);
  });
});

describe('secrets of a local installation', () => {
  it('are made once, random, and for their owner alone', async () => {
    const first = await localSecrets(folder);
    expect(await localSecrets(folder)).toEqual(first);
    expect(first.encryptionKeys).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/);
    expect(first.railwayToken).toMatch(/^[\w-]{32}$/);
    expect((await stat(path.join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
    await rm(path.join(folder, 'secrets.json'));
    expect((await localSecrets(folder)).encryptionKeys).not.toBe(first.encryptionKeys);
  });

  it('are not silently made anew when the file is damaged', async () => {
    await writeFile(path.join(folder, 'secrets.json'), '{"encryptionKeys": ');
    await expect(localSecrets(folder)).rejects.toThrow(/secrets\.json is not valid JSON/);
  });
});

describe('the lock of the data folder', () => {
  it('names its holder, and goes to one of many who find it stale', async () => {
    await writeFile(path.join(folder, 'up.lock'), JSON.stringify({ pid: process.pid, mark: 'of an earlier process' }));
    const answers = await Promise.all(Array.from({ length: 8 }, () => takeLock(folder)));
    expect(answers.filter(({ release }) => release !== undefined)).toHaveLength(1);
    expect(answers.filter(({ holder }) => holder?.pid === process.pid)).toHaveLength(7);
    for (const { release } of answers) await release?.();
    expect((await takeLock(folder)).release).toBeDefined();
  });
});

describe('the hash of the sources', () => {
  it('changes with a source, and not with a test or an unrelated file', async () => {
    await mkdir(path.join(folder, 'lib'));
    await mkdir(path.join(folder, 'scripts'));
    await writeFile(path.join(folder, 'scripts/build.mjs'), '');
    await writeFile(path.join(folder, 'lib/a.ts'), 'one');
    const before = await hashSources(folder);
    await writeFile(path.join(folder, 'lib/a.test.ts'), 'test');
    await writeFile(path.join(folder, 'notes.txt'), 'x');
    expect(await hashSources(folder)).toBe(before);
    await writeFile(path.join(folder, 'lib/a.ts'), 'two');
    const changed = await hashSources(folder);
    expect(changed).not.toBe(before);
    await writeFile(path.join(folder, 'lib/b.ts'), '');
    expect(await hashSources(folder)).not.toBe(changed);
  });
});

describe('files', () => {
  it('are replaced whole', async () => {
    const file = path.join(folder, 'x');
    await Promise.all(Array.from({ length: 20 }, (_, n) => writeFileAtomic(file, String(n).repeat(10_000))));
    const { size, mode } = await stat(file);
    expect([10_000, 20_000]).toContain(size);
    expect(mode & 0o777).toBe(0o600);
  });
});

describe('the demo login', () => {
  it('that up prints is the one that is made', () => {
    expect(DEMO_LOGIN).toEqual(demoLogin);
  });
});
