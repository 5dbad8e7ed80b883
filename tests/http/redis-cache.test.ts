import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cache } from '@/lib/adapters/cache/port';
import { createRedisCache, openRedis } from '@/lib/adapters/cache/redis';
import { startFaultProxyFor } from '../support/fault-proxy';
import { ownRedis, type OwnRedis } from '../support/redis';
import { waitFor } from '../support/wait-for';

const quiet = () => undefined;

let server: OwnRedis;
let redis: Redis;
let cache: Cache;

beforeAll(async () => {
  server = await ownRedis();
  redis = openRedis(server.url, { debug: quiet, info: quiet, warn: quiet, error: quiet });
  await new Promise((resolve) => redis.once('ready', resolve));
  cache = createRedisCache(redis);
});
afterAll(async () => {
  await cache.close();
  await server.stop();
});

it('answers what was stored, under any text, and null for what was not', async () => {
  await cache.set('one', 'value of one\nwith two lines', 5_000);
  await cache.set('two', '', 5_000);
  await cache.bump(['version']);
  const [one, two, version, nothing] = await cache.getMany(['one', 'two', 'version', 'nothing']);
  expect([one, two, nothing]).toEqual(['value of one\nwith two lines', '', null]);
  expect(version).toMatch(/^[0-9a-f-]{36}$/);
  await cache.clear(['one']);
  expect(await cache.getMany(['one'])).toEqual([null]);
});

it('clears what Redis could not be told in time as soon as it listens, for other servers too', async () => {
  const proxy = await startFaultProxyFor(server.url);
  const far = openRedis(proxy.through(server.url), { debug: quiet, info: quiet, warn: quiet, error: quiet });
  await new Promise((resolve) => far.once('ready', resolve));
  const first = createRedisCache(far);
  await cache.set('session', 'let in', 5_000);
  await cache.bump(['version of all']);
  const [before] = await cache.getMany(['version of all']);
  // What is sent meanwhile is lost, as on the way to a server that is too busy to take it.
  proxy.blackhole();
  expect([await first.clear(['session']), await first.bump(['version of all']), first.sure()]).toEqual([false, false, false]);
  expect(await cache.getMany(['session'])).toEqual(['let in']);
  proxy.heal();
  const healed = performance.now();
  await waitFor(async () => (await cache.getMany(['session']))[0] === null && (await cache.getMany(['version of all']))[0] !== before, { what: 'both to be cleared', withinMs: 3_000, everyMs: 20 });
  console.info(`cleared ${Math.round(performance.now() - healed)} ms after Redis listened again`);
  await first.close();
  await proxy.close();
});

it('does not believe an answer that belongs to another key', async () => {
  await cache.set('session of Ada', 'Ada', 5_000);
  await cache.set('session of Eve', 'Eve', 5_000);
  // As when answers slip by one place on their way back.
  const swapped = await redis.get('session of Ada');
  await redis.set('session of Eve', swapped ?? '');
  expect(await cache.getMany(['session of Ada', 'session of Eve'])).toEqual(['Ada', null]);
  const late = redis.mget.bind(redis);
  Object.assign(redis, { mget: async (...keys: string[]) => (await late(...keys)).toReversed() });
  await cache.set('session of Eve', 'Eve', 5_000);
  expect(await cache.getMany(['session of Ada', 'session of Eve'])).toEqual([null, null]);
  Object.assign(redis, { mget: late });
});
