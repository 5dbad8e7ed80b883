import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import { authenticateSession, findSession } from '@/lib/identity/session/authenticate-session';
import { renewToken } from '@/lib/identity/session/renew-token';
import { revokeSession, signOut } from '@/lib/identity/session/revoke-sessions';
import { testApi } from '../../support/api';
import { testStudio, type Person, type TestStudio } from '../../support/context';

const profile = '/api/v1/users/profile';
const password = 'a-long-Enough-phrase-7';

let studio: TestStudio;
let ask: ReturnType<typeof testApi>;
/** Another server on the same database, with a cache of its own. */
let askElsewhere: ReturnType<typeof testApi>;

beforeAll(async () => {
  studio = await testStudio();
  ask = testApi(studio);
  askElsewhere = testApi(studio, {}, { cache: createMemoryCache() });
});
afterAll(() => studio.close());

/** Moves the token's birth back, as if the time had passed. */
async function age(person: Person, by: string): Promise<void> {
  await studio.raw('update user_sessions set rotated_at = rotated_at - $2::interval where id = $1', [person.sessionId, by]);
}

async function dayOldPerson(): Promise<Person> {
  const person = await studio.person();
  await age(person, '25 hours');
  return person;
}

function tokenIn(headers: Headers): string | undefined {
  return headers.getSetCookie().map((line) => /^studio_session=([\w-]+);/.exec(line)?.[1])[0];
}

function withToken(person: Person, sessionToken: string): Person {
  return { ...person, sessionToken };
}

/** Asked past every cache. */
function stands(token: string) {
  return authenticateSession(studio.ctx({ kind: 'anonymous' }, { cache: createMemoryCache() }), token);
}

describe('a token that has served a day', () => {
  it('is replaced with an ordinary answer, a refusal too, and not before', async () => {
    const person = await studio.person();
    await age(person, '23 hours');
    expect((await ask('GET', profile, { as: person })).headers.getSetCookie()).toEqual([]);
    await age(person, '2 hours');
    const answer = await askElsewhere('GET', '/api/v1/projects/prj_none', { as: person });
    expect(answer.status).toBe(404);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^studio_session=[\w-]{43}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Lax$/)]);
    const renewed = tokenIn(answer.headers) ?? '';
    expect(renewed).not.toBe(person.sessionToken);
    const next = await ask('GET', profile, { as: withToken(person, renewed) });
    expect(next.status).toBe(200);
    expect(next.headers.getSetCookie()).toEqual([]);
  });

  it('signs nobody out: of 20 parallel requests at two servers all are let in, and one carries the new token', async () => {
    const person = await dayOldPerson();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? ask : askElsewhere)('GET', profile, { as: person })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    const tokens = answers.flatMap(({ headers }) => tokenIn(headers) ?? []);
    expect(tokens).toHaveLength(1);
    const late = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? ask : askElsewhere)('GET', profile, { as: n < 10 ? person : withToken(person, tokens[0] ?? '') })));
    expect(late.filter(({ status }) => status !== 200)).toEqual([]);
    expect(late.flatMap(({ headers }) => tokenIn(headers) ?? [])).toEqual([]);
  });

  it('is refused ten seconds after it was replaced, by the time of the database, at every server', async () => {
    const person = await dayOldPerson();
    const renewed = tokenIn((await ask('GET', profile, { as: person })).headers) ?? '';
    await age(person, '9 seconds');
    expect((await ask('GET', profile, { as: person })).status).toBe(200);
    await age(person, '1 second');
    expect((await ask('GET', profile, { as: person })).status).toBe(401);
    expect((await askElsewhere('GET', profile, { as: person })).status).toBe(401);
    expect((await ask('GET', profile, { as: withToken(person, renewed) })).status).toBe(200);
  });

  it('keeps the session: the same public id in the list, the same session of an access token', async () => {
    const person = await dayOldPerson();
    const before = await ask('GET', '/api/v1/users/sessions', { as: person });
    const renewed = withToken(person, tokenIn(before.headers) ?? '');
    const after = await ask('GET', '/api/v1/users/sessions', { as: renewed });
    expect(after.json).toEqual(before.json);
    expect(after.json).toMatchObject({ data: [{ current: true }] });
  });

  it('is not replaced where no cookie can be given', async () => {
    const person = await dayOldPerson();
    const found = await findSession(studio.ctx({ kind: 'anonymous' }), person.sessionToken);
    expect(found).toMatchObject({ due: true });
    expect(await stands(person.sessionToken)).not.toBeNull();
  });
});

describe('a password given again', () => {
  /** Signed in as a browser is, with a password. */
  async function signedIn(): Promise<Person> {
    const person = await studio.person();
    await studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [person.id, await person.ctx.passwords.hash(password)]);
    return person;
  }

  it('replaces the token: the stolen cookie dies, the session stays', async () => {
    const person = await signedIn();
    const answer = await ask('POST', '/api/v1/auth/step-up', { as: person, body: { password } });
    expect(answer.status).toBe(204);
    const renewed = tokenIn(answer.headers) ?? '';
    expect((await ask('GET', profile, { as: person })).status).toBe(200);
    await age(person, '10 seconds');
    expect((await ask('GET', profile, { as: person })).status).toBe(401);
    expect(await stands(renewed)).toMatchObject({ sessionId: person.sessionId });
  });

  it('replaces it once when two tabs give it at the same time', async () => {
    const person = await signedIn();
    const answers = await Promise.all([ask, askElsewhere, ask, askElsewhere].map((at) => at('POST', '/api/v1/auth/step-up', { as: person, body: { password } })));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
    expect(answers.flatMap(({ headers }) => tokenIn(headers) ?? [])).toHaveLength(1);
  });

  it('replaces nothing when it is wrong', async () => {
    const person = await signedIn();
    const answer = await ask('POST', '/api/v1/auth/step-up', { as: person, body: { password: 'not this one' } });
    expect(answer.status).toBe(422);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('gives a new token at sign-in and at a change of the password too', async () => {
    const person = await signedIn();
    const first = tokenIn((await ask('POST', '/api/v1/auth/login', { body: { email: person.email, password } })).headers) ?? '';
    const second = tokenIn((await ask('POST', '/api/v1/auth/login', { body: { email: person.email, password }, headers: { cookie: `studio_session=${first}`, 'sec-fetch-site': 'same-origin' } })).headers) ?? '';
    const changed = await ask('POST', '/api/v1/users/change-password', { as: withToken(person, second), body: { current_password: password, new_password: 'another long phrase 8' } });
    const third = tokenIn(changed.headers) ?? '';
    expect(new Set([person.sessionToken, first, second, third]).size).toBe(4);
    for (const dead of [person.sessionToken, first, second]) expect(await stands(dead)).toBeNull();
    expect(await stands(third)).not.toBeNull();
  });
});

describe('a revocation', () => {
  it('kills both tokens at once, cached or not', async () => {
    const person = await dayOldPerson();
    const renewed = withToken(person, tokenIn((await ask('GET', profile, { as: person })).headers) ?? '');
    for (const as of [person, renewed]) expect((await ask('GET', profile, { as })).status).toBe(200);
    await signOut(person.ctx);
    for (const as of [person, renewed]) expect((await ask('GET', profile, { as })).status).toBe(401);
  });

  it('that races with a replacement leaves no token alive', async () => {
    for (let round = 0; round < 40; round += 1) {
      const person = await dayOldPerson();
      const [session] = await studio.raw<{ public_id: string }>('select public_id from user_sessions where id = $1', [person.sessionId]);
      const presented = { sessionId: person.sessionId, token: person.sessionToken };
      const acts = [() => renewToken(person.ctx, presented), async () => (await revokeSession(person.ctx, session?.public_id ?? ''), null)];
      const [one, other] = await Promise.all((round % 2 === 0 ? acts : acts.toReversed()).map((act) => act()));
      const tokens = [person.sessionToken, one, other].filter((token) => typeof token === 'string');
      for (const token of tokens) {
        expect(await authenticateSession(person.ctx, token), `round ${round}`).toBeNull();
        expect(await stands(token), `round ${round}`).toBeNull();
      }
    }
  });

  it('is not undone by a replacement that comes after it', async () => {
    const person = await dayOldPerson();
    await signOut(person.ctx);
    expect(await renewToken(person.ctx, { sessionId: person.sessionId, token: person.sessionToken })).toBeNull();
  });
});
