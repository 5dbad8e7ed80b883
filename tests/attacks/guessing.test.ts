import { randomBytes } from 'node:crypto';
import { Agent, createServer, request, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { openRedis, type RedisClient } from '@/lib/adapters/cache/redis';
import { createLimits, type Limits } from '@/lib/adapters/limits/limits';
import { newToken } from '@/lib/kernel/ids';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { figure, proof, scaled } from '../support/figure';
import { listen } from '../support/listen';
import { ownRedis, type OwnRedis } from '../support/redis';
import { password } from '../support/visitor';
import { frontOf, type Front } from './front';
import { openSession } from './world';

/** Guesses of each attack. All of them fall into one window, which is a quarter of an hour. */
const guesses = scaled(150, 10_000);
const abreast = 100;
/** What the product allows in a window: guesses at one account, and from one place. */
const perAccount = 10;
const perPlace = 60;
const perMinute = 3_000;
const settings = { RATE_LIMIT_PER_MINUTE: 1_000_000, ATTEMPT_LIMIT_FACTOR: 1 };

let studio: TestStudio;
let redis: OwnRedis;
const open: { front: Front; server: Server; client: RedisClient | null }[] = [];
beforeAll(async () => {
  studio = await testStudio();
  redis = await ownRedis();
});
afterEach(async () => {
  for (const { front, server, client } of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await front.close();
    client?.disconnect();
  }
});
afterAll(async () => {
  await redis.stop();
  await studio.close();
});

/** The API on a socket of its own, with limits that nobody else has used up. */
async function serve({ hops = 0, through = null }: { hops?: number; through?: RedisClient | null } = {}): Promise<string> {
  const limits: Limits = createLimits(through, settings);
  const front = frontOf(studio, { environment: { TRUSTED_PROXY_HOPS: String(hops) }, changes: { limits } });
  const server = createServer(getRequestListener(front.app.fetch, { overrideGlobalObjects: false }));
  open.push({ front, server, client: through });
  return listen(server);
}

const agent = new Agent({ keepAlive: true, maxSockets: abreast });

interface Guess {
  path?: string;
  body: object;
  headers?: Record<string, string>;
}

function send(url: string, { path = '/api/v1/auth/login', body, headers = {} }: Guess): Promise<number> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers } }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', reject).end(text);
  });
}

/** How many guesses were looked at: everything but a refusal for their number. */
async function admitted(url: string, all: readonly Guess[]): Promise<{ looked: number; strange: number[] }> {
  const statuses: number[] = [];
  const waiting = [...all];
  const one = async (): Promise<void> => {
    for (let guess = waiting.pop(); guess !== undefined; guess = waiting.pop()) statuses.push(await send(url, guess));
  };
  await Promise.all(Array.from({ length: abreast }, one));
  const looked = statuses.filter((status) => status !== 429);
  return { looked: looked.length, strange: looked.filter((status) => status !== 401 && status !== 410 && status !== 422) };
}

const hex = () => randomBytes(2).toString('hex');
const somebody = () => `${randomBytes(8).toString('hex')}@example.com`;
const wrong = (email: string): object => ({ email, password: newToken() });
const many = (make: (n: number) => Guess): Guess[] => Array.from({ length: guesses }, (_, n) => make(n));

/** One address of IPv4 as IPv6 can write it. */
function mapped(n: number): string {
  const [a, b] = ['c000', '0209'];
  return ['::ffff:192.0.2.9', '::FFFF:192.0.2.9', `::ffff:${a}:${b}`, `0:0:0:0:0:ffff:${a}:${b}`, `0000:0000:0000:0000:0000:ffff:192.0.2.9`, `::ffff:${a.toUpperCase()}:${b.slice(1)}`, '192.0.2.9', '0::ffff:192.0.2.9'][n % 8] ?? '';
}

function within(context: Pick<TestContext, 'task'>, what: string, { looked, strange }: { looked: number; strange: number[] }, bound: number): void {
  expect.soft(strange).toEqual([]);
  figure(context, { requirements: ['A10'], what, reached: `${looked} looked at of ${guesses} in one window, ${strange.length} answered otherwise`, bound: `at most ${bound}, 0 otherwise`, pass: looked <= bound && looked > 0 && strange.length === 0 });
}

const timeout = scaled(60_000, 600_000);

describe('A10: guesses at one account', () => {
  test('from as many /64 networks of one /48', { timeout }, async (context) => {
    const url = await serve({ hops: 1 });
    const email = somebody();
    const tried = await admitted(url, many(() => ({ body: wrong(email), headers: { 'x-forwarded-for': `2001:db8:7:${hex()}:${hex()}:${hex()}:${hex()}:${hex()}` } })));
    within(context, 'From random addresses in one /48, at one account', tried, perAccount);
  });

  test('written in other ways', { timeout }, async (context) => {
    const url = await serve({ hops: 1 });
    const email = somebody();
    const spellings = [email, email.toUpperCase(), ` ${email} `, email.replace('example', 'EXAMPLE'), `\t${email}\n`, email.replace('e', 'E')];
    const tried = await admitted(url, many((n) => ({ body: wrong(spellings[n % spellings.length] ?? ''), headers: { 'x-forwarded-for': `198.18.${n >> 8}.${n & 255}` } })));
    within(context, 'At one account in six spellings, each from another address', tried, perAccount);
  });

  test('by every door that takes its password', { timeout }, async (context) => {
    const url = await serve({ hops: 1 });
    const person: Person = await studio.person();
    await studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [person.id, await person.ctx.passwords.hash(password)]);
    const { token } = await openSession(studio, person);
    const cookie = { cookie: `studio_session=${token}`, 'sec-fetch-site': 'same-origin' };
    const doors: readonly ((from: Record<string, string>) => Guess)[] = [
      (from) => ({ body: wrong(person.email), headers: from }),
      (from) => ({ path: '/api/v1/auth/step-up', body: { password: newToken() }, headers: { ...cookie, ...from } }),
      (from) => ({ path: '/api/v1/users/change-password', body: { current_password: newToken(), new_password: password }, headers: { ...cookie, ...from } }),
      (from) => ({ path: '/api/platform/auth/login', body: wrong(person.email), headers: from }),
    ];
    const tried = await admitted(url, many((n) => doors[n % doors.length]?.({ 'x-forwarded-for': `198.18.${n >> 8}.${n & 255}` }) ?? { body: {} }));
    // With a session somebody may guess as often again, at the doors behind it.
    within(context, 'At one account by sign-in, step-up and change of password', tried, 2 * perAccount);
  });
});

describe('A10: guesses at many accounts from one place', () => {
  test.for([
    ['from the 2⁶⁴ addresses of one /64', 1, () => `2001:db8:7:1:${hex()}:${hex()}:${hex()}:${hex()}`],
    ['from one address of IPv4 in every spelling', 1, mapped],
    ['behind one trusted proxy, with others made up before it', 1, (n: number) => `198.18.${n >> 8}.${n & 255}, 10.0.0.${n & 255}, 203.0.113.7`],
    ['behind two trusted proxies, with others made up before them', 2, (n: number) => `198.18.${n >> 8}.${n & 255}, 203.0.113.7, 10.9.9.9`],
    ['without a proxy, in the name of others', 0, (n: number) => `198.18.${n >> 8}.${n & 255}`],
    ['behind a proxy that says nothing readable', 1, (n: number) => `unknown-${n}`],
    ['behind two proxies, with too short a list', 2, (n: number) => `198.18.${n >> 8}.${n & 255}`],
  ] as const)('%s', { timeout }, async ([name, hops, addressOf], context) => {
    const url = await serve({ hops });
    const tried = await admitted(url, many((n) => ({ body: wrong(somebody()), headers: { 'x-forwarded-for': addressOf(n) } })));
    within(context, `At as many accounts, ${name}`, tried, perPlace);
  });

  test('with a letter’s link instead of a password', { timeout }, async (context) => {
    const url = await serve({ hops: 1 });
    const paths = ['/api/v1/auth/reset-password', '/api/v1/auth/verify-email', '/api/v1/invitations/lookup'];
    const tried = await admitted(url, many((n) => ({ path: paths[n % 3] ?? '', body: { token: newToken(), ...(n % 3 === 0 ? { password } : {}) }, headers: { 'x-forwarded-for': `2001:db8:7:1::${hex()}` } })));
    within(context, 'At the tokens of letters, from one /64', tried, perPlace);
  });

  test('from as many places and at as many accounts, no more than everybody together may try', { timeout }, async (context) => {
    const limits = createLimits(null, settings);
    const drawn = fc.sample(fc.tuple(fc.nat(2 ** 16 - 1), fc.emailAddress()), { seed: proof.seed, numRuns: 10_000 });
    let looked = 0;
    for (const [network, email] of drawn) looked += await limits.attempt('sign-in', email, `2001:db8:7:${network.toString(16)}::1`).then(() => 1, () => 0);
    figure(context, { requirements: ['A10'], what: 'From random /64 networks of one /48 at as many accounts', reached: `${looked} looked at of ${drawn.length} in one minute`, bound: `at most ${perMinute}`, pass: looked <= perMinute && looked > 0 });
  });
});

describe('A10: with Redis', () => {
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const attack = (email: string) => many(() => ({ body: wrong(email), headers: { 'x-forwarded-for': `2001:db8:8:${hex()}::1` } }));

  test('two servers share one count', { timeout }, async (context) => {
    // On a busy machine Redis answers later than a server waits, which then counts for itself: the tests below are about that.
    const patient = async () => {
      const client = await connected();
      client.options.commandTimeout = 10_000;
      return client;
    };
    const urls = [await serve({ hops: 1, through: await patient() }), await serve({ hops: 1, through: await patient() })];
    const email = somebody();
    const halves = attack(email);
    const [first, second] = await Promise.all(urls.map((url, n) => admitted(url, halves.filter((_, index) => index % 2 === n))));
    within(context, 'At one account through two servers on one Redis', { looked: (first?.looked ?? 0) + (second?.looked ?? 0), strange: [...(first?.strange ?? []), ...(second?.strange ?? [])] }, perAccount);
  });

  test('a server that finds no Redis counts for itself', { timeout }, async (context) => {
    const client = await connected();
    const url = await serve({ hops: 1, through: client });
    await redis.kill();
    const tried = await admitted(url, attack(somebody()));
    await redis.start();
    within(context, 'At one account with Redis down', tried, perAccount);
  });

  test('a Redis that hangs half-way gives at most the same again', { timeout }, async (context) => {
    const url = await serve({ hops: 1, through: await connected() });
    const email = somebody();
    const [before, during] = [attack(email).slice(0, guesses / 2), attack(email).slice(0, guesses / 2)];
    const first = await admitted(url, before);
    redis.pause();
    const second = await admitted(url, during);
    redis.resume();
    within(context, 'At one account, with Redis hung after half of them', { looked: first.looked + second.looked, strange: [...first.strange, ...second.strange] }, 2 * perAccount);
  });

  async function connected(): Promise<RedisClient> {
    const client = openRedis(redis.url, silent);
    if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve));
    return client;
  }
});

test('the test can see: without limits every guess is looked at', { timeout }, async (context) => {
  const front = frontOf(studio, { changes: { limits: createLimits(null, { RATE_LIMIT_PER_MINUTE: 1_000_000, ATTEMPT_LIMIT_FACTOR: 100_000 }) } });
  const server = createServer(getRequestListener(front.app.fetch, { overrideGlobalObjects: false }));
  open.push({ front, server, client: null });
  const { looked } = await admitted(await listen(server), Array.from({ length: 120 }, () => ({ body: wrong('one@example.com') })));
  figure(context, { requirements: ['A10'], what: 'Control: guesses at a server without limits', reached: `${looked} looked at of 120`, bound: 'all', pass: looked === 120 });
});
