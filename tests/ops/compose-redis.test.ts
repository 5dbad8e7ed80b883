import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCompose } from '../support/compose';
import { ownRedis, type OwnRedis } from '../support/redis';

let folder: string;
let redis: OwnRedis;
let clients: { studio: Redis; appwrite: Redis; health: Redis; nobody: Redis };

beforeAll(async () => {
  const { compose, variables } = await readCompose();
  folder = await mkdtemp(path.join(tmpdir(), 'studio-acl-'));
  const file = path.join(folder, 'users.acl');
  await writeFile(file, compose.configs['redis-users']?.content ?? '');
  redis = await ownRedis(['--aclfile', file]);
  const port = Number(new URL(redis.url).port);
  const open = (options: RedisOptions) => new Redis({ port, host: '127.0.0.1', ...options });
  clients = {
    studio: open({ username: 'studio', password: variables.REDIS_STUDIO_PASSWORD ?? '', db: 1 }),
    // Appwrite sends a password and no name.
    appwrite: open({ password: variables.REDIS_APPWRITE_PASSWORD ?? '' }),
    health: open({ username: 'health', password: 'health', enableReadyCheck: false }),
    nobody: open({ enableReadyCheck: false }),
  };
  for (const client of Object.values(clients)) client.on('error', () => undefined);
});

afterAll(async () => {
  for (const client of Object.values(clients)) client.disconnect();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('one Redis for Studio and Appwrite', () => {
  it('lets each use its own keys and channels', async () => {
    expect(await clients.studio.set('studio:s:1', 'x')).toBe('OK');
    expect(await clients.studio.eval("return redis.call('incr', KEYS[1])", 1, 'studio:rl:login')).toBe(1);
    expect(await clients.studio.publish('studio:notices', 'x')).toBe(0);
    for (const key of ['default-cache-_1:x', 'utopia-queue.queue.v1-deletes', 'abuse:x', 'studios', 'stud', 's3', 'Studio:x']) {
      expect([key, await clients.appwrite.set(key, 'x')]).toEqual([key, 'OK']);
    }
    expect(await clients.appwrite.publish('realtime', 'x')).toBe(0);
  });

  it('refuses each the other\'s keys and channels, in every database', async () => {
    for (const db of [0, 1]) {
      await clients.appwrite.select(db);
      for (const key of ['studio:s:1', 'studio:', 'studio:rl:login']) {
        await expect(clients.appwrite.get(key)).rejects.toThrow(/NOPERM/);
        await expect(clients.appwrite.set(key, 'stolen')).rejects.toThrow(/NOPERM/);
      }
    }
    await clients.appwrite.select(0);
    await expect(clients.appwrite.subscribe('studio:notices')).rejects.toThrow(/NOPERM/);
    await expect(clients.studio.get('default-cache-_1:x')).rejects.toThrow(/NOPERM/);
    await expect(clients.studio.publish('realtime', 'x')).rejects.toThrow(/NOPERM/);
  });

  it('lets neither flush, reconfigure or watch the server', async () => {
    for (const client of [clients.studio, clients.appwrite]) {
      await expect(client.flushall()).rejects.toThrow(/NOPERM/);
      await expect(client.config('GET', '*')).rejects.toThrow(/NOPERM/);
      await expect(client.call('ACL', 'LIST')).rejects.toThrow(/NOPERM/);
      await expect(client.keys('*')).rejects.toThrow(/NOPERM/);
    }
  });

  it('answers the health check with a ping and nothing more, and strangers not at all', async () => {
    expect(await clients.health.ping()).toBe('PONG');
    await expect(clients.health.get('studio:s:1')).rejects.toThrow(/NOPERM/);
    await expect(clients.nobody.ping()).rejects.toThrow(/NOAUTH/);
  });
});
