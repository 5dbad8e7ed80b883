import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import { issueAccessToken } from '@/lib/identity/session/access-token';
import { hashToken } from '@/lib/kernel/ids';
import { testApi, type Answered } from '../support/api';
import { testStudio, type TestStudio } from '../support/context';
import { figure, scaled } from '../support/figure';
import { password } from '../support/visitor';

const profile = '/api/v1/users/profile';

let studio: TestStudio;
/** Two servers on one database, each with a cache of its own. */
let servers: ReturnType<typeof testApi>[];
beforeAll(async () => {
  studio = await testStudio();
  servers = [testApi(studio), testApi(studio, {}, { cache: createMemoryCache() })];
});
afterAll(() => studio.close());

/** Keeps the newest token, as a browser does. */
interface Browser {
  token: string;
  sessionId: string;
  publicId: string;
  userPublicId: string;
}

/** Signed in through the door, so that the session's times are the product's own. */
async function signedIn(): Promise<Browser> {
  const person = await studio.person();
  await studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [person.id, await person.ctx.passwords.hash(password)]);
  const token = tokenIn(await at(0)('POST', '/api/v1/auth/login', { body: { email: person.email, password } })) ?? '';
  const [row] = await studio.raw<{ id: string; public_id: string }>('select id, public_id from user_sessions where token_hash = $1', [hashToken(token)]);
  return { token, sessionId: row?.id ?? '', publicId: row?.public_id ?? '', userPublicId: person.publicId };
}

function at(server: number): ReturnType<typeof testApi> {
  const ask = servers[server % servers.length];
  if (ask === undefined) throw new Error('there is no such server');
  return ask;
}

function tokenIn({ headers }: Answered): string | undefined {
  return headers.getSetCookie().map((line) => /^studio_session=([\w-]+);/.exec(line)?.[1]).find((token) => token !== undefined);
}

const withCookie = (token: string) => ({ headers: { cookie: `studio_session=${token}`, 'sec-fetch-site': 'same-origin' } });

/** One request as the browser would send it now. @returns the status */
async function use(browser: Browser, server: number): Promise<number> {
  const answer = await at(server)('GET', profile, withCookie(browser.token));
  browser.token = tokenIn(answer) ?? browser.token;
  return answer.status;
}

/** Moves everything that the session's row remembers back, as if the time had passed. The database's clock decides, and it cannot be moved. */
async function letPass(browser: Browser, time: string): Promise<void> {
  const columns = await studio.raw<{ name: string }>(`select column_name as name from information_schema.columns where table_name = 'user_sessions' and data_type like 'timestamp%'`);
  await studio.raw(`update user_sessions set ${columns.map(({ name }) => `${name} = ${name} - $2::interval`).join(', ')} where id = $1`, [browser.sessionId, time]);
}

/** Answers held against the database's clock. */
class Verdicts {
  before = 0;
  after = 0;
  readonly accepts: string[] = [];
  readonly refusals: string[] = [];

  add(what: string, status: number, ended: boolean): void {
    if (ended) this.after += 1;
    else this.before += 1;
    if (ended && status !== 401) this.accepts.push(`${what}: ${status}`);
    if (!ended && status !== 200) this.refusals.push(`${what}: ${status}`);
  }
}

const databaseMs = async () => (await studio.raw<{ ms: number }>('select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms'))[0]?.ms ?? 0;

/** Asks again and again until a second after the end. What is asked before the end and answered after it may be either. */
async function askOverTheEnd(verdicts: Verdicts, what: string, { endsAtMs, untilMs = endsAtMs + 1_000 }: { endsAtMs: number; untilMs?: number }, ask: () => Promise<number>): Promise<void> {
  for (let askedAtMs = await databaseMs(); askedAtMs < untilMs; askedAtMs = await databaseMs()) {
    const status = await ask();
    const answeredAtMs = await databaseMs();
    if (answeredAtMs < endsAtMs) verdicts.add(what, status, false);
    else if (askedAtMs >= endsAtMs) verdicts.add(what, status, true);
    await sleep(150);
  }
}

/** How a session comes near its end: time that passes, a use after each but the last. */
const lives: [string, string[], 'stands' | 'ended'][] = [
  ['just before its idle time', ['13 days 23:59:30'], 'stands'],
  ['just after its idle time', ['14 days 00:00:01'], 'ended'],
  ['used once, just before its idle time after that', ['13 days', '13 days 23:59:30'], 'stands'],
  ['used once, just after its idle time after that', ['13 days', '14 days 00:00:01'], 'ended'],
  ['kept alive by use, just before its absolute time', [...Array.from({ length: 6 }, () => '13 days'), '11 days 23:59:30'], 'stands'],
  ['kept alive by use, just after its absolute time', [...Array.from({ length: 6 }, () => '13 days'), '12 days 00:00:01'], 'ended'],
];

async function liveThrough(verdicts: Verdicts, [what, times, end]: (typeof lives)[number]): Promise<void> {
  for (const server of servers.keys()) {
    const browser = await signedIn();
    for (const [index, time] of times.entries()) {
      await letPass(browser, time);
      const last = index === times.length - 1;
      verdicts.add(`${what}, use ${index + 1}`, await use(browser, server + index), last && end === 'ended');
    }
    // The other server has never heard of the session.
    verdicts.add(`${what}, elsewhere`, await use(browser, server + times.length), end === 'ended');
  }
}

/** A session whose end comes while both servers hold a copy of it: by cookie, and by the access token that names it. */
async function endsWhileCached(verdicts: Verdicts, column: 'idle_expires_at' | 'expires_at'): Promise<void> {
  const browser = await signedIn();
  const bearer = await issueAccessToken(studio.ctx({ kind: 'anonymous' }), { user: browser.userPublicId, session: browser.publicId });
  const [row] = await studio.raw<{ ms: number }>(
    `update user_sessions set ${column} = clock_timestamp() + interval '1500 milliseconds' where id = $1 returning (extract(epoch from ${column}) * 1000)::float8 as ms`,
    [browser.sessionId],
  );
  const credentials = [['cookie', withCookie(browser.token)], ['access token', { headers: { authorization: `Bearer ${bearer}` } }]] as const;
  await Promise.all(
    [...servers.keys()].flatMap((server) =>
      credentials.map(([kind, asked]) => askOverTheEnd(verdicts, `${column}, ${kind}`, { endsAtMs: row?.ms ?? 0 }, async () => (await at(server)('GET', profile, asked)).status)),
    ),
  );
}

/** The ten seconds of a replaced token, waited for. Replaced by a password, both servers hold a copy of it; replaced by age, none does. */
async function overlap(verdicts: Verdicts, how: 'by age' | 'by a password'): Promise<void> {
  const browser = await signedIn();
  const { token: old } = browser;
  if (how === 'by age') await letPass(browser, '25 hours');
  else for (const server of servers.keys()) await use(browser, server);
  const answer = how === 'by age' ? await at(0)('GET', profile, withCookie(old)) : await at(0)('POST', '/api/v1/auth/step-up', { ...withCookie(old), body: { password } });
  const renewed = tokenIn(answer);
  if (renewed === undefined) throw new Error(`nothing was replaced ${how}`);
  const [row] = await studio.raw<{ ms: number }>(`select (extract(epoch from rotated_at + interval '10 seconds') * 1000)::float8 as ms from user_sessions where id = $1`, [browser.sessionId]);
  const endsAtMs = row?.ms ?? 0;
  await Promise.all(
    [...servers.keys()].flatMap((server) => [
      askOverTheEnd(verdicts, `the old token, ${how}`, { endsAtMs }, async () => (await at(server)('GET', profile, withCookie(old))).status),
      askOverTheEnd(verdicts, `the new token, ${how}`, { endsAtMs: Infinity, untilMs: endsAtMs + 1_000 }, async () => (await at(server)('GET', profile, withCookie(renewed))).status),
    ]),
  );
}

function told(verdicts: Verdicts): string {
  return `${verdicts.accepts.length} wrong accepts in ${verdicts.after} answers after an end, ${verdicts.refusals.length} wrong refusals in ${verdicts.before} before one`;
}

function demandRight(verdicts: Verdicts): boolean {
  expect.soft({ accepts: verdicts.accepts, refusals: verdicts.refusals }).toEqual({ accepts: [], refusals: [] });
  return verdicts.accepts.length + verdicts.refusals.length === 0 && verdicts.before > 0 && verdicts.after > 0;
}

describe('A4: a session lives as long as the database says', () => {
  test('left alone for two weeks, used for ninety days, and no longer, whatever a cache holds', async (context) => {
    const verdicts = new Verdicts();
    await Promise.all([...lives.map((life) => liveThrough(verdicts, life)), endsWhileCached(verdicts, 'idle_expires_at'), endsWhileCached(verdicts, 'expires_at')]);
    const pass = demandRight(verdicts);
    figure(context, { requirements: ['A4'], what: 'Sessions just before and after 14 days of rest and 90 days of use, at two servers with cold and warm caches, by cookie and access token', reached: told(verdicts), bound: '0 and 0', pass });
  });

  test('and a replaced token ten seconds more', { timeout: 60_000 }, async (context) => {
    const verdicts = new Verdicts();
    await Promise.all([overlap(verdicts, 'by age'), overlap(verdicts, 'by a password')]);
    const pass = demandRight(verdicts);
    figure(context, { requirements: ['A4'], what: 'Tokens before and after the 10 s that a replaced one stands beside the new one, waited for, at two servers', reached: told(verdicts), bound: '0 and 0', pass });
  });
});

const abreast = 20;

/** Parallel requests of one browser, of which some leave before it has the new token and some after; then one more at each server. */
async function acrossARotation(): Promise<{ refused: number; renewed: number }> {
  const browser = await signedIn();
  await letPass(browser, '25 hours');
  let renewed = 0;
  const statuses = await Promise.all(
    Array.from({ length: abreast }, async (_, n) => {
      await sleep(n * 8);
      const answer = await at(n)('GET', profile, withCookie(browser.token));
      const token = tokenIn(answer);
      if (token === undefined) return answer.status;
      renewed += 1;
      // The way back to the browser: what leaves meanwhile carries the old token.
      await sleep(60);
      browser.token = token;
      return answer.status;
    }),
  );
  for (const server of servers.keys()) statuses.push(await use(browser, server));
  return { refused: statuses.filter((status) => status !== 200).length, renewed };
}

test('A4: nobody is signed out by a rotation', { timeout: scaled(60_000, 300_000) }, async (context) => {
  const rounds = scaled(3, 50);
  let [refused, onceRenewed] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const outcome = await acrossARotation();
    refused += outcome.refused;
    if (outcome.renewed === 1) onceRenewed += 1;
  }
  figure(context, {
    requirements: ['A4'],
    what: `Requests signed out by the rotation of their token, ${abreast} in parallel at two servers and two after them`,
    reached: `${refused} of ${rounds * (abreast + servers.length)}; one new token was given in ${onceRenewed} of ${rounds} rounds`,
    bound: '0, one in each round',
    pass: refused === 0 && onceRenewed === rounds,
  });
});
