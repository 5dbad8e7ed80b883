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
  proof: { account: { points: 10, seconds: 3600 }, ip: { points: 60, seconds: 3600 }, everyone: { points: 600, seconds: 3600 } },
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

/** One household has a whole /64 of IPv6, so that is what counts as one place; mapped IPv4 counts as IPv4, however it is written. */
export function network(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const groups = groupsOf(ip);
  const [high = 0, low = 0] = groups.slice(6);
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return `${groups.slice(0, 4).map((group) => group.toString(16)).join(':')}::/64`;
}

/** The eight numbers of an address that `isIPv6` takes. */
function groupsOf(ip: string): number[] {
  const plain = ip.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [start = [], end = []] = plain.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros: string[] = Array.from({ length: Math.max(0, 8 - start.length - end.length) }, () => '0');
  return [...start, ...zeros, ...end].map((group) => Number.parseInt(group, 16));
}

function describe(seconds: number): string {
  if (seconds < 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
