import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invite } from '@/lib/identity/invitation/invite';
import { testApi, type Answered } from '../support/api';
import { testStudio, type TestStudio } from '../support/context';
import { figure } from '../support/figure';
import { newestToken } from '../support/invitations';
import { password } from '../support/visitor';

const abreast = 100;

let studio: TestStudio;
let ask: ReturnType<typeof testApi>;
beforeAll(async () => {
  studio = await testStudio({ max: 20 });
  ask = testApi(studio);
});
afterAll(() => studio.close());

/** A database that is busy with the others may be told of too: nothing was done then. */
const refusals = [409, 410, 503];

function counted(answers: readonly Answered[], success: number): { won: number; strange: string[] } {
  const strange = answers.filter(({ status }) => status !== success && !refusals.includes(status)).map(({ status, text }) => `${status} ${text}`);
  return { won: answers.filter(({ status }) => status === success).length, strange };
}

const parallel = (send: () => Promise<Answered>) => Promise.all(Array.from({ length: abreast }, send));

async function count(text: string, values: unknown[]): Promise<number> {
  const [row] = await studio.raw<{ count: string }>(text, values);
  return Number(row?.count ?? 0);
}

describe('A16: a link of a letter, used a hundred times at once', () => {
  test('to confirm an address opens one session', { timeout: 120_000 }, async (context) => {
    const email = 'confirm@example.com';
    await ask('POST', '/api/v1/auth/register', { body: { email, password, first_name: 'Ada', last_name: 'Tester' } });
    const token = await newestToken(studio, email);
    const { won, strange } = counted(await parallel(() => ask('POST', '/api/v1/auth/verify-email', { body: { token, password } })), 200);
    const sessions = await count('select count(*) from user_sessions s join users u on u.id = s.user_id where u.email = $1', [email]);
    expect.soft(strange).toEqual([]);
    figure(context, { requirements: ['A16'], what: `${abreast} parallel uses of a confirmation link`, reached: `${won} accepted, ${sessions} session`, bound: '1 and 1', pass: strange.length === 0 && won === 1 && sessions === 1 });
  });

  test('to set a password sets one', { timeout: 120_000 }, async (context) => {
    const person = await studio.person();
    await ask('POST', '/api/v1/auth/forgot-password', { body: { email: person.email } });
    const token = await newestToken(studio, person.email);
    let number = 0;
    const { won, strange } = counted(await parallel(() => ask('POST', '/api/v1/auth/reset-password', { body: { token, password: `${password}-${(number += 1)}` } })), 204);
    const resets = await count(`select count(*) from audit_logs where action = 'user.password_reset' and actor_id = $1`, [person.publicId]);
    expect.soft(strange).toEqual([]);
    figure(context, { requirements: ['A16'], what: `${abreast} parallel uses of a link for a new password`, reached: `${won} accepted, ${resets} password set`, bound: '1 and 1', pass: strange.length === 0 && won === 1 && resets === 1 });
  });

  test('to join an organization makes one membership', { timeout: 120_000 }, async (context) => {
    const [owner, guest] = [await studio.person(), await studio.person()];
    const acme = await studio.organization(owner);
    await invite(owner.ctx, acme.id, { email: guest.email, role: 'developer' });
    const token = await newestToken(studio, guest.email);
    const { won, strange } = counted(await parallel(() => ask('POST', '/api/v1/invitations/accept', { as: guest, body: { token } })), 200);
    const members = await count('select count(*) from memberships where organization_id = $1 and user_id = $2', [acme.rowId, guest.id]);
    const accepted = await count(`select count(*) from audit_logs where action = 'invitation.accepted' and organization_id = $1`, [acme.rowId]);
    expect.soft(strange).toEqual([]);
    figure(context, { requirements: ['A13', 'A16'], what: `${abreast} parallel uses of an invitation`, reached: `${won} accepted, ${members} membership, ${accepted} audit row`, bound: '1, 1 and 1', pass: strange.length === 0 && won === 1 && members === 1 && accepted === 1 });
  });

  test('looking at an invitation uses nothing up, however often a mail scanner does', async (context) => {
    const [owner, guest] = [await studio.person(), await studio.person()];
    const acme = await studio.organization(owner);
    await invite(owner.ctx, acme.id, { email: guest.email, role: 'viewer' });
    const token = await newestToken(studio, guest.email);
    const looks = await Promise.all(Array.from({ length: 50 }, () => ask('POST', '/api/v1/invitations/lookup', { body: { token } })));
    expect(looks.every(({ status }) => status === 200)).toBe(true);
    const answer = await ask('POST', '/api/v1/invitations/accept', { as: guest, body: { token } });
    figure(context, { requirements: ['A16'], what: 'An invitation looked at 50 times, then accepted', reached: answer.status === 200 ? 'accepted' : String(answer.status), bound: 'accepted', pass: answer.status === 200 });
  });
});
