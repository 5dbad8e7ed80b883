import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import type { Cache } from '@/lib/adapters/cache/port';
import { createRedisCache, openRedis } from '@/lib/adapters/cache/redis';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { testApi } from '../support/api';
import { testStudio, type TestStudio } from '../support/context';
import { figure } from '../support/figure';
import { ownRedis, type OwnRedis } from '../support/redis';
import { openSession } from './world';

let studio: TestStudio;
let redis: OwnRedis;
const open: Cache[] = [];
beforeAll(async () => {
  [studio, redis] = [await testStudio(), await ownRedis()];
});
afterAll(async () => {
  await Promise.all(open.map((cache) => cache.close()));
  await redis.stop();
  await studio.close();
});

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function throughRedis(): Promise<Cache> {
  const client = openRedis(redis.url, silent);
  await new Promise((resolve) => client.once('ready', resolve));
  const cache = createRedisCache(client);
  open.push(cache);
  return cache;
}

/** Something to wait for, and how to let it come. */
function gate(): { passed: Promise<void>; pass: () => void } {
  let pass: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (pass = resolve));
  return { passed, pass };
}

/** The cache of a server that found out who asks, and is slow to write it down. */
function slowToKeep(cache: Cache): { cache: Cache; waiting: Promise<void>; go: () => void } {
  const [reached, released] = [gate(), gate()];
  return {
    cache: {
      ...cache,
      async set(...given) {
        reached.pass();
        await released.passed;
        return cache.set(...given);
      },
    },
    waiting: reached.passed,
    go: released.pass,
  };
}

describe('A5: who asked is looked up before a revocation, and kept after it', () => {
  test.for([
    ['in the process', () => Promise.resolve(createMemoryCache())],
    ['in Redis', throughRedis],
  ] as const)('%s, it opens nothing', async ([name, make], context) => {
    const cache = await make();
    const owner = await studio.person();
    const acme = await studio.organization(owner);
    const ask = testApi(studio, {}, { cache });
    const [first, second] = [await openSession(studio, owner), await openSession(studio, owner)];
    const key = await createApiKey({ ...owner.ctx, cache }, acme.id, { name: 'Late', scopes: ['project:read'] });
    const cookie = (token: string) => ({ cookie: `studio_session=${token}`, 'sec-fetch-site': 'same-origin' });
    const credentials: readonly { headers: Record<string, string>; revoke: () => Promise<{ status: number }> }[] = [
      { headers: cookie(first.token), revoke: () => ask('POST', '/api/v1/auth/logout', { headers: cookie(first.token) }) },
      { headers: cookie(second.token), revoke: () => ask('DELETE', `/api/v1/users/sessions/${second.publicId}`, { as: owner }) },
      { headers: { authorization: `Bearer ${key.secret}` }, revoke: () => ask('DELETE', `/api/v1/organizations/${acme.id}/api-keys/${key.id}`, { as: owner }) },
    ];
    const alive: number[] = [];
    for (const [index, { headers, revoke }] of credentials.entries()) {
      const slow = slowToKeep(cache);
      const asked = testApi(studio, {}, { cache: slow.cache })('GET', '/api/v1/auth/session', { headers });
      await slow.waiting;
      expect((await revoke()).status).toBe(204);
      slow.go();
      // It was let in before the revocation.
      expect((await asked).status).toBe(200);
      if ((await ask('GET', '/api/v1/auth/session', { headers })).status !== 401) alive.push(index);
    }
    figure(context, { requirements: ['A5'], what: `Sessions and keys looked up before their revocation and kept after it, ${name}`, reached: `${alive.length} of ${credentials.length} open something`, bound: '0', pass: alive.length === 0 });
  });
});
