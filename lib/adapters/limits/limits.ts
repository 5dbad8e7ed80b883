import { isIPv6 } from 'node:net';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { AppError } from '@/lib/kernel/errors';
import { createRequestCount } from './request-count';

/** How often something may happen: `points` in `seconds`. */
interface Policy {
  name: string;
  points: number;
  seconds: number;
}

export interface Allowance {
  policy: string;
  quota: number;
  windowSeconds: number;
  remaining: number;
  resetSeconds: number;
}

type AttemptKind = keyof typeof attemptPolicies;

export interface Limits {
  /** Counts one request of a caller against the general allowance of the API; never throws. */
  request(caller: string): Promise<{ allowance: Allowance; allowed: boolean }>;
  /** Counts a try with a password, a token or a letter; throws `rate_limited` when it is one too many. */
  attempt(kind: AttemptKind, account: string | null, ip: string | null): Promise<void>;
  /** A right password clears what wrong ones counted against the account. */
  forgive(kind: 'sign-in', account: string): Promise<void>;
}

/** Per account, per address and over everybody: guessing one account, many accounts, or from many places. */
const attemptPolicies = {
  'sign-in': { account: { points: 10, seconds: 900 }, ip: { points: 60, seconds: 900 }, everyone: { points: 3000, seconds: 60 } },
  register: { account: { points: 5, seconds: 3600 }, ip: { points: 30, seconds: 3600 }, everyone: { points: 600, seconds: 60 } },
  mail: { account: { points: 5, seconds: 3600 }, ip: { points: 30, seconds: 3600 }, everyone: { points: 600, seconds: 60 } },
  organization: { account: { points: 20, seconds: 3600 }, ip: { points: 60, seconds: 3600 }, everyone: { points: 600, seconds: 60 } },
  token: { account: { points: 20, seconds: 900 }, ip: { points: 60, seconds: 900 }, everyone: { points: 3000, seconds: 60 } },
} as const;

interface LimitSettings {
  RATE_LIMIT_PER_MINUTE: number;
  ATTEMPT_LIMIT_FACTOR: number;
}

export function createLimits(redis: Redis | null, env: LimitSettings): Limits {
  const general: Policy = { name: 'default', points: env.RATE_LIMIT_PER_MINUTE, seconds: 60 };
  const countRequest = createRequestCount(redis, general.seconds);
  const attempts = new Map<string, RateLimiterAbstract>();
  for (const [kind, scopes] of Object.entries(attemptPolicies)) {
    for (const [scope, { points, seconds }] of Object.entries(scopes)) {
      const name = `${kind}:${scope}`;
      attempts.set(name, limiter(redis, { name, points: points * env.ATTEMPT_LIMIT_FACTOR, seconds }));
    }
  }

  async function count(name: string, key: string): Promise<void> {
    const found = attempts.get(name);
    if (found === undefined) throw new Error(`no such limit: ${name}`);
    try {
      await found.consume(key);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      throw new AppError('rate_limited', `Too many attempts. Wait ${describe(seconds)} and try again.`, { retryAfterSeconds: seconds });
    }
  }

  return {
    async request(caller) {
      const count = await countRequest(caller);
      return { allowance: allowance(general, count), allowed: count <= general.points };
    },
    async attempt(kind, account, ip) {
      // The narrowest first: what one place or one account has too much of must not use up everybody's allowance.
      await count(`${kind}:ip`, ip === null ? 'unknown' : network(ip));
      if (account !== null) await count(`${kind}:account`, account);
      await count(`${kind}:everyone`, 'all');
    },
    async forgive(kind, account) {
      await attempts.get(`${kind}:account`)?.delete(account);
    },
  };
}

/** Counts in Redis so that all servers share the count, and in the process while Redis does not answer. */
function limiter(redis: Redis | null, { name, points, seconds }: Policy): RateLimiterAbstract {
  const memory = new RateLimiterMemory({ keyPrefix: name, points, duration: seconds });
  if (redis === null) return memory;
  return new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `studio:rl:${name}`,
    points,
    duration: seconds,
    insuranceLimiter: memory,
    rejectIfRedisNotReady: true,
  });
}

function allowance({ name, points, seconds }: Policy, count: number): Allowance {
  const nowSeconds = Date.now() / 1000;
  return { policy: name, quota: points, windowSeconds: seconds, remaining: Math.max(0, points - count), resetSeconds: Math.ceil(seconds - (nowSeconds % seconds)) };
}

/** One household has a whole /64 of IPv6, so that is what counts as one place; mapped IPv4 counts as IPv4. */
export function network(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!isIPv6(ip)) return ip;
  const [head = '', tail = ''] = ip.toLowerCase().split('%')[0]?.split('::') ?? [];
  const start = head.split(':').filter(Boolean);
  const end = tail.split(':').filter(Boolean);
  const zeros: string[] = Array.from({ length: Math.max(0, 8 - start.length - end.length) }, () => '0');
  const groups = ip.includes('::') ? [...start, ...zeros, ...end] : start;
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function describe(seconds: number): string {
  if (seconds < 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
