import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { doors } from '@/app/api/_routes/doors';
import { newToken } from '@/lib/kernel/ids';
import { testApi, type Answered } from '../support/api';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { figure } from '../support/figure';
import { newestToken } from '../support/invitations';
import { password } from '../support/visitor';

let studio: TestStudio;
let ask: ReturnType<typeof testApi>;
let overHttps: ReturnType<typeof testApi>;
let person: Person;
beforeAll(async () => {
  studio = await testStudio();
  ask = testApi(studio);
  overHttps = testApi(studio, { STUDIO_URL: 'https://studio.test' }, { baseUrl: 'https://studio.test' });
});
beforeEach(async () => {
  person = await withPassword();
});
afterAll(() => studio.close());

async function withPassword(): Promise<Person> {
  const made = await studio.person();
  await studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [made.id, await made.ctx.passwords.hash(password)]);
  return made;
}

/** The token that an answer sets; undefined where it sets none. */
function tokenOf({ headers }: Answered): string | undefined {
  return headers.getSetCookie().map((line) => /studio_session=([^;]+)/.exec(line)?.[1]).find((value) => value !== undefined);
}

const own = { 'sec-fetch-site': 'same-origin' };
const withCookie = (token: string) => ({ ...own, cookie: `studio_session=${token}` });
const stands = async (token: string) => (await ask('GET', '/api/v1/auth/session', { headers: withCookie(token) })).status === 200;

/** What changes who somebody is, or proves it anew, each asked with a cookie that was there before. */
type Passage = (cookie: Record<string, string>) => Promise<Answered>;

const signIn: Passage = (headers) => ask('POST', '/api/v1/auth/login', { headers, body: { email: person.email, password } });
const confirm: Passage = async (headers) => {
  const email = `${newToken().slice(0, 8).toLowerCase()}x@example.com`.replaceAll(/[^a-z0-9@.]/g, 'a');
  await ask('POST', '/api/v1/auth/register', { body: { email, password, first_name: 'Ada', last_name: 'Tester' } });
  return ask('POST', '/api/v1/auth/verify-email', { headers, body: { token: await newestToken(studio, email), password } });
};
const changePassword: Passage = (headers) => ask('POST', '/api/v1/users/change-password', { headers, body: { current_password: password, new_password: `${password}-new` } });
const stepUp: Passage = (headers) => ask('POST', '/api/v1/auth/step-up', { headers, body: { password } });

describe('A3: fixation', () => {
  test('an id that somebody else chose is never taken over, and every proof of who one is gives a new one', async (context) => {
    let tried = 0;
    const wrong: string[] = [];
    for (const [name, passage] of [['signing in', signIn], ['confirming', confirm]] as const) {
      for (const chosen of [newToken(), 'x', 'a'.repeat(43), `${newToken()}.${newToken()}`, '']) {
        const given = tokenOf(await passage(withCookie(chosen)));
        tried += 1;
        if (given === undefined || given === chosen || (await stands(chosen))) wrong.push(`${name} with ${chosen}`);
      }
    }
    for (const [name, passage] of [['signing in again', signIn], ['changing the password', changePassword], ['giving the password again', stepUp]] as const) {
      const made = await withPassword();
      person = made;
      const given = tokenOf(await passage(withCookie(made.sessionToken)));
      tried += 1;
      if (given === undefined || given === made.sessionToken || !(await stands(given))) wrong.push(name);
    }
    expect.soft(wrong).toEqual([]);
    figure(context, { requirements: ['A3'], what: 'Session ids that were chosen or known before a sign-in, a confirmation, a new password, a step-up', reached: `${wrong.length} kept of ${tried}`, bound: '0 kept', pass: wrong.length === 0 });
  });

  test('what ends sessions ends the ones known before', async (context) => {
    const alive: string[] = [];
    const endings: [string, () => Promise<unknown>][] = [
      ['signing out', () => ask('POST', '/api/v1/auth/logout', { as: person })],
      ['changing the password', () => changePassword(withCookie(person.sessionToken))],
      ['setting a password by letter', async () => {
        await ask('POST', '/api/v1/auth/forgot-password', { body: { email: person.email } });
        await ask('POST', '/api/v1/auth/reset-password', { body: { token: await newestToken(studio, person.email), password: `${password}-new` } });
      }],
    ];
    for (const [name, end] of endings) {
      person = await withPassword();
      expect(await stands(person.sessionToken)).toBe(true);
      await end();
      if (await stands(person.sessionToken)) alive.push(name);
    }
    figure(context, { requirements: ['A3', 'A4'], what: 'Sessions from before a sign-out, a changed and a reset password', reached: `${alive.length} alive of ${endings.length}`, bound: '0 alive', pass: alive.length === 0 });
  });
});

const shape = /^(?<name>[\w-]+)=(?<value>[^;]*); Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax(?<secure>; Secure)?$/;

/** What each door that may set headers of its own does about cookies; a new one must be put here, and into the test below. */
const settingCookies = ['/auth/register', '/auth/verify-email', '/auth/login', '/auth/step-up', '/users/change-password', '/auth/logout'];
const settingNone = ['/organizations/{organization}/railway/workspaces', '/projects/{project}/railway-hook'];

describe('A3: cookies', () => {
  test('every door that may set one is known', () => {
    const able = doors.filter(({ sends }) => sends === 'headers').map(({ path }) => path);
    expect(able.toSorted()).toEqual([...settingCookies, ...settingNone].toSorted());
  });

  test('every Set-Cookie line keeps scripts, other sites and plain connections out, and carries 128 random bits at the least', async (context) => {
    const wrong: string[] = [];
    let seen = 0;
    for (const [https, visit] of [[false, ask], [true, overHttps]] as const) {
      const name = https ? '__Host-studio_session' : 'studio_session';
      const cookie = (token: string) => ({ ...own, cookie: `${name}=${token}` });
      const fresh = async () => (person = await withPassword());
      const email = `cookies-${String(https)}@example.com`;
      const answers = [
        await visit('POST', '/api/v1/auth/register', { body: { email, password, first_name: 'Ada', last_name: 'Tester' } }),
        await visit('POST', '/api/v1/auth/verify-email', { body: { token: await newestToken(studio, email), password } }),
        await visit('POST', '/api/v1/auth/login', { body: { email, password } }),
        await visit('POST', '/api/v1/auth/step-up', { headers: cookie((await fresh()).sessionToken), body: { password } }),
        await visit('POST', '/api/v1/users/change-password', { headers: cookie((await fresh()).sessionToken), body: { current_password: password, new_password: `${password}-new` } }),
        await visit('POST', '/api/v1/auth/logout', { headers: cookie((await fresh()).sessionToken) }),
        await renewed(visit, cookie),
      ];
      for (const { headers } of answers) {
        const lines = headers.getSetCookie();
        if (lines.length === 0) wrong.push('an answer without a cookie');
        for (const line of lines) {
          seen += 1;
          const found = shape.exec(line)?.groups;
          const hosted = found?.['name']?.startsWith('__Host-') ?? false;
          const cleared = line.includes('Max-Age=0');
          const random = Buffer.from(found?.['value'] ?? '', 'base64url').length * 8;
          if (found === undefined || hosted !== https || (found['secure'] !== undefined) !== https || (!cleared && random < 128)) wrong.push(line.replace(/=[^;]+/, '=…'));
        }
      }
    }
    expect.soft(wrong).toEqual([]);
    figure(context, { requirements: ['A3'], what: 'Set-Cookie lines of every door that sets one, on http and https', reached: `${wrong.length} wrong of ${seen}`, bound: '0 wrong', pass: wrong.length === 0 && seen >= 14 });
  });

  test('a token is stored as its hash alone', async (context) => {
    const token = tokenOf(await signIn(own)) ?? '';
    const [row] = await studio.raw<{ count: string }>(`select count(*) from user_sessions s where position($1 in s::text) > 0 or position(encode(convert_to($1, 'UTF8'), 'hex') in s::text) > 0`, [token]);
    figure(context, { requirements: ['A3'], what: 'Session rows that hold the token itself', reached: row?.count ?? '', bound: '0', pass: row?.count === '0' && token.length > 20 });
  });
});

/** A session that has served its day gets a new token with any answer. */
async function renewed(visit: ReturnType<typeof testApi>, cookie: (token: string) => Record<string, string>): Promise<Answered> {
  const { sessionId, sessionToken } = await withPassword();
  await studio.raw(`update user_sessions set rotated_at = now() - interval '25 hours' where id = $1`, [sessionId]);
  return visit('GET', '/api/v1/users/profile', { headers: cookie(sessionToken) });
}
