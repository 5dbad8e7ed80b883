import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRequestCount, type RequestCount } from '@/lib/adapters/limits/request-count';
import { ownRedis, type OwnRedis } from '../support/redis';

const windowSeconds = 3_600;

let server: OwnRedis;
let redis: Redis;
let count: RequestCount;

beforeAll(async () => {
  server = await ownRedis();
  redis = new Redis(server.url, { enableAutoPipelining: true, maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 500 });
  redis.on('error', () => {});
  await new Promise((resolve) => redis.once('ready', resolve));
  count = createRequestCount(redis, windowSeconds);
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const inOneTurn = (callers: string) => Promise.all([...callers].map((caller) => count(caller)));

describe('requests of one turn', () => {
  it('are counted for their own caller, each with its own number', async () => {
    expect(await inOneTurn('ABABA')).toEqual([1, 1, 2, 2, 3]);
    expect(await inOneTurn('BCA')).toEqual([3, 1, 4]);
  });

  it('are one command, however many callers they have', async () => {
    // By its text the first time, by its hash then.
    const calls = async () => [...(await redis.info('commandstats')).matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    const before = await calls();
    await inOneTurn('DEFGHDEFGH');
    expect(await calls()).toBe(before + 1);
  });

  it('leave no counter without an end', async () => {
    const keys = await redis.keys('studio:rl:default:*');
    expect(keys.length).toBeGreaterThan(7);
    for (const key of keys) expect(await redis.ttl(key)).toBeGreaterThan(windowSeconds);
  });

  it('are counted on by a server that has forgotten its scripts', async () => {
    await redis.script('FLUSH');
    expect(await inOneTurn('AB')).toEqual([5, 4]);
  });

  it('are counted here while Redis is gone', async () => {
    await server.kill();
    expect(await inOneTurn('AAB')).toEqual([1, 2, 1]);
    expect(await inOneTurn('AB')).toEqual([3, 2]);
  });
});
