import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PasswordHasher } from '@/lib/identity/user/password';
import { testApi, type Answered } from '../support/api';
import { testStudio, type TestStudio } from '../support/context';

const password = 'a-long-Enough-phrase-7';

let studio: TestStudio;
let ask: ReturnType<typeof testApi>;
let hashes = 0;

beforeAll(async () => {
  studio = await testStudio();
  ask = testApi(studio, {}, { passwords: counting(studio.ctx({ kind: 'anonymous' }).passwords) });
});
afterAll(() => studio.close());

function counting(hasher: PasswordHasher): PasswordHasher {
  return {
    hash: (text) => ((hashes += 1), hasher.hash(text)),
    verify: (stored, text) => ((hashes += 1), hasher.verify(stored, text)),
    outdated: hasher.outdated,
    signIn: hasher.signIn,
  };
}

type Make = () => Promise<string>;

const nobody: Make = () => Promise.resolve(`nobody-${Math.random().toString(36).slice(2)}@example.com`);

const confirmed: Make = async () => {
  const person = await studio.person();
  await studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [person.id, await person.ctx.passwords.hash(password)]);
  return person.email;
};

const unconfirmed: Make = async () => {
  const email = await nobody();
  await ask('POST', '/api/v1/auth/register', { body: { email, password, first_name: 'Ada', last_name: 'Tester' } });
  return email;
};

const disabled: Make = async () => {
  const email = await confirmed();
  await studio.raw('update users set disabled_at = now() where email = $1', [email]);
  return email;
};

interface Seen {
  status: number;
  headers: string[];
  text: string;
  hashes: number;
  early: boolean;
}

/** What a stranger can tell of an answer: its bytes but for what is random in each, and whether it came before the floor. */
async function seen(path: string, body: object): Promise<Seen> {
  const before = hashes;
  const startedMs = performance.now();
  const answer = await ask('POST', `/api/v1${path}`, { body });
  const early = performance.now() - startedMs < 200;
  return { status: answer.status, headers: headersOf(answer), text: answer.text.replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'uuid'), hashes: hashes - before, early };
}

function headersOf({ headers }: Answered): string[] {
  return [...headers].map(([name, value]) => (/^(x-request-id|ratelimit|set-cookie)$/.test(name) ? `${name}: ${value.replaceAll(/[\w-]{36,43}|\d+/g, '…')}` : `${name}: ${value}`));
}

describe('what is answered does not tell whether an address is known', () => {
  it.each([
    ['registering', '/auth/register', { password, first_name: 'Ada', last_name: 'Tester' }, { status: 202, hashes: 1 }, [confirmed, unconfirmed, disabled]],
    ['asking for a new password', '/auth/forgot-password', {}, { status: 202, hashes: 0 }, [confirmed, unconfirmed, disabled]],
    ['asking for the letter again', '/auth/resend-verification', {}, { status: 202, hashes: 0 }, [confirmed, unconfirmed, disabled]],
    ['a wrong password', '/auth/login', { password: 'not this one at all' }, { status: 401, hashes: 1 }, [confirmed, unconfirmed, disabled]],
  ])('%s', async (_, path, body, expected, known) => {
    const unknown = await seen(path, { email: await nobody(), ...body });
    expect(unknown).toMatchObject({ ...expected, early: false });
    for (const make of known) expect(await seen(path, { email: await make(), ...body })).toEqual(unknown);
  });

  it('a right password on a disabled account looks like a wrong one', async () => {
    const wrong = await seen('/auth/login', { email: await nobody(), password });
    expect(await seen('/auth/login', { email: await disabled(), password })).toEqual(wrong);
  });
});
