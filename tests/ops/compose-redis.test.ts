import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCompose, type Compose } from '../support/compose';
import { figure } from '../support/figure';
import { ownRedis, type OwnRedis } from '../support/redis';

let folder: string;
let variables: Awaited<ReturnType<typeof readCompose>>['variables'];
let servers: OwnRedis[];
let clients: Record<'studio' | 'studioHealth' | 'studioDefault' | 'studioNobody' | 'appwrite' | 'appwriteHealth' | 'appwriteNobody', Redis>;

/** A Redis with the users of one of the two; how it speaks is another test's. */
async function withUsers(compose: Compose, config: string): Promise<(options: RedisOptions) => Redis> {
  const file = path.join(folder, config);
  await writeFile(file, compose.configs[config]?.content ?? '');
  const server = await ownRedis(['--aclfile', file]);
  servers.push(server);
  return (options) => {
    const client = new Redis({ port: Number(new URL(server.url).port), host: '127.0.0.1', ...options });
    client.on('error', () => undefined);
    return client;
  };
}

beforeAll(async () => {
  const read = await readCompose();
  const { compose } = read;
  ({ variables } = read);
  folder = await mkdtemp(path.join(tmpdir(), 'studio-acl-'));
  servers = [];
  const ofStudio = await withUsers(compose, 'redis-users');
  const ofAppwrite = await withUsers(compose, 'appwrite-redis-users');
  clients = {
    studio: ofStudio({ username: 'studio', password: variables.REDIS_STUDIO_PASSWORD ?? '', db: 1 }),
    studioHealth: ofStudio({ username: 'health', password: 'health', enableReadyCheck: false }),
    studioDefault: ofStudio({ password: variables.REDIS_STUDIO_PASSWORD ?? '', enableReadyCheck: false }),
    studioNobody: ofStudio({ enableReadyCheck: false }),
    // Appwrite sends a password and no name.
    appwrite: ofAppwrite({ password: variables.REDIS_APPWRITE_PASSWORD ?? '' }),
    appwriteHealth: ofAppwrite({ username: 'health', password: 'health', enableReadyCheck: false }),
    appwriteNobody: ofAppwrite({ enableReadyCheck: false }),
  };
});

afterAll(async () => {
  for (const client of Object.values(clients)) client.disconnect();
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

describe('the Redis of Studio', () => {
  it('gives Studio its own keys and channels and no others', async () => {
    expect(await clients.studio.set('studio:s:1', 'x')).toBe('OK');
    expect(await clients.studio.eval("return redis.call('incr', KEYS[1])", 1, 'studio:rl:login')).toBe(1);
    expect(await clients.studio.publish('studio:notices', 'x')).toBe(0);
    await expect(clients.studio.get('default-cache-_1:x')).rejects.toThrow(/NOPERM/);
    await expect(clients.studio.publish('realtime', 'x')).rejects.toThrow(/NOPERM/);
  });

  it('knows nobody without a name', async () => {
    await expect(clients.studioDefault.ping()).rejects.toThrow(/WRONGPASS/);
    await expect(clients.studioNobody.ping()).rejects.toThrow(/NOAUTH/);
  });
});

describe('the Redis of Appwrite', () => {
  it('gives Appwrite all keys and channels', async () => {
    for (const key of ['default-cache-_1:x', 'utopia-queue.queue.v1-deletes', 'abuse:x']) {
      expect([key, await clients.appwrite.set(key, 'x')]).toEqual([key, 'OK']);
    }
    expect(await clients.appwrite.publish('realtime', 'x')).toBe(0);
  });

  it('gives strangers nothing', async () => {
    await expect(clients.appwriteNobody.ping()).rejects.toThrow(/NOAUTH/);
  });
});

describe('both', () => {
  it('F3: reach nothing of the other, by whatever name they try', async (context) => {
    const tries: (() => Promise<unknown>)[] = [
      ...['default-cache-_1:x', 'utopia-queue.queue.v1-deletes', 'abuse:x', 'x', 'studio'].flatMap((key) => [() => clients.studio.get(key), () => clients.studio.set(key, 'x'), () => clients.studio.del(key)]),
      // Neither knows the other's login.
      () => clients.appwrite.auth('studio', variables.REDIS_STUDIO_PASSWORD ?? ''),
      () => clients.studio.auth(variables.REDIS_APPWRITE_PASSWORD ?? ''),
    ];
    const answers = await Promise.allSettled(tries.map((each) => each()));
    const reached = answers.filter(({ status }) => status === 'fulfilled').length;
    figure(context, { requirements: ['F3'], what: 'Keys and logins of the other, at the two servers of compose', reached: `${reached} of ${tries.length} reached`, bound: '0', pass: reached === 0 });
  });

  it('let nobody flush, reconfigure or watch the server', async () => {
    for (const client of [clients.studio, clients.appwrite]) {
      await expect(client.flushall()).rejects.toThrow(/NOPERM/);
      await expect(client.config('GET', '*')).rejects.toThrow(/NOPERM/);
      await expect(client.call('ACL', 'LIST')).rejects.toThrow(/NOPERM/);
      await expect(client.keys('*')).rejects.toThrow(/NOPERM/);
    }
  });

  it('answer the health check with a ping and nothing more', async () => {
    for (const client of [clients.studioHealth, clients.appwriteHealth]) {
      expect(await client.ping()).toBe('PONG');
      await expect(client.get('studio:s:1')).rejects.toThrow(/NOPERM/);
    }
  });
});
