import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMail } from '@/lib/identity/mail/queue-mail';
import { authenticateAccessToken, issueAccessToken } from '@/lib/identity/session/access-token';
import { authenticateSession } from '@/lib/identity/session/authenticate-session';
import { listSessions } from '@/lib/identity/session/list-sessions';
import { revokeOtherSessions, revokeSession, signOut } from '@/lib/identity/session/revoke-sessions';
import { signIn } from '@/lib/identity/session/sign-in';
import { stepUp } from '@/lib/identity/session/step-up';
import { changePassword } from '@/lib/identity/user/change-password';
import { getProfile, updateProfile } from '@/lib/identity/user/profile';
import { register } from '@/lib/identity/user/register';
import { forgotPassword, resetPassword } from '@/lib/identity/user/reset-password';
import { verifyEmail } from '@/lib/identity/user/verify-email';
import type { Ctx } from '@/lib/context';
import { createVault } from '@/lib/trust/vault/vault';
import { testStudio, type TestStudio } from '../support/context';

const password = 'correct horse 42 battery';
/** Another browser than the one that registered. */
const elsewhere = { browserToken: null };
let studio: TestStudio;
let guest: Ctx;

beforeAll(async () => {
  studio = await testStudio();
  guest = studio.ctx({ kind: 'anonymous' });
});
afterAll(() => studio.close());

/** The letters to an address, oldest first, as the worker would send them. */
async function letters(to: string) {
  const rows = await studio.raw<{ payload: { sealed: string } }>(
    `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'send-mail' order by j.id`,
  );
  return rows.map((row) => openMail(guest.vault, row.payload.sealed)).filter((message) => message.to === to);
}

async function newestToken(to: string): Promise<string> {
  const token = /#token=([\w-]+)/.exec((await letters(to)).at(-1)?.text ?? '')?.[1];
  if (token === undefined) throw new Error('no letter with a link');
  return token;
}

async function registered(email: string): Promise<void> {
  await register(guest, { email, password, first_name: 'Grace', last_name: 'Hopper' });
}

/** A confirmed account with its session. */
async function confirmed(email: string) {
  await registered(email);
  const done = await verifyEmail(guest, { token: await newestToken(email), password }, elsewhere);
  const actor = await authenticateSession(guest, done.session.token);
  if (actor === null) throw new Error('the session does not stand');
  return { ...done, userId: actor.userId, ctx: studio.ctx(actor) };
}

async function auditOf(userId: string): Promise<string[]> {
  const rows = await studio.raw<{ action: string; outcome: string }>('select action, outcome from audit_logs where actor_user_id = $1 order by id', [userId]);
  return rows.map((row) => `${row.action} ${row.outcome}`);
}

describe('registering', () => {
  it('opens nothing before the address is confirmed, then signs in', async () => {
    await registered('first@example.com');
    await expect(signIn(guest, { email: 'first@example.com', password })).rejects.toMatchObject({ code: 'forbidden' });
    const done = await verifyEmail(guest, { token: await newestToken('first@example.com'), password }, elsewhere);
    expect(done.user).toMatchObject({ email: 'first@example.com', email_verified: true, first_name: 'Grace' });
    expect(await authenticateSession(guest, done.session.token)).toMatchObject({ kind: 'user', name: 'Grace Hopper' });
    await expect(signIn(guest, { email: 'FIRST@example.com', password })).resolves.toMatchObject({ user: { email: 'first@example.com' } });
  });

  it('takes a link once, of a hundred parallel uses', async () => {
    await registered('once@example.com');
    const token = await newestToken('once@example.com');
    const uses = await Promise.allSettled(Array.from({ length: 100 }, () => verifyEmail(guest, { token, password }, elsewhere)));
    expect(uses.filter((use) => use.status === 'fulfilled')).toHaveLength(1);
  });

  it('asks for no password in the browser that registered, and for the right one elsewhere', async () => {
    const { browserToken } = await register(guest, { email: 'browser@example.com', password, first_name: 'Grace', last_name: 'Hopper' });
    const token = await newestToken('browser@example.com');
    await expect(verifyEmail(guest, { token }, elsewhere)).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/password' }] });
    await expect(verifyEmail(guest, { token }, { browserToken: 'another-browser' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(verifyEmail(guest, { token, password: 'not this one' }, elsewhere)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(verifyEmail(guest, { token }, { browserToken })).resolves.toMatchObject({ user: { email_verified: true } });
  });

  it("never confirms a stranger's password for the owner of an address", async () => {
    const email = 'victim@example.com';
    const strangers = 'the password of a stranger';
    await register(guest, { email, password, first_name: 'Victim', last_name: 'Owner' });
    const own = await newestToken(email);
    await register(guest, { email, password: strangers, first_name: 'Evil', last_name: 'Stranger' });
    const planted = await newestToken(email);
    await expect(verifyEmail(guest, { token: planted, password }, elsewhere)).rejects.toMatchObject({ errors: [{ pointer: '/password' }] });
    const done = await verifyEmail(guest, { token: own, password }, elsewhere);
    expect(done.user).toMatchObject({ first_name: 'Victim' });
    await expect(signIn(guest, { email, password: strangers })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(verifyEmail(guest, { token: planted, password: strangers }, elsewhere)).rejects.toMatchObject({ code: 'gone' });
  });

  it('tells the owner of a known address by letter, and the visitor nothing', async () => {
    const { userId } = await confirmed('known@example.com');
    await registered('known@example.com');
    expect((await letters('known@example.com')).at(-1)?.subject).toBe('You already have a Studio account');
    const [row] = await studio.raw<{ count: string }>('select count(*) from users where email = $1', ['known@example.com']);
    expect(row?.count).toBe('1');
    expect(await auditOf(userId)).toEqual(['user.registered allowed', 'user.email_verified allowed']);
  });

  it('refuses weak, common and overlong passwords, unknown fields and control characters, each on its field', async () => {
    const good = { email: 'bad@example.com', password, first_name: 'A', last_name: 'B' };
    const cases: [object, string][] = [
      [{ ...good, password: 'short' }, '/password'],
      [{ ...good, password: '1234567890' }, '/password'],
      [{ ...good, password: 'x'.repeat(100_000) }, '/password'],
      [{ ...good, first_name: 'a\u0000b' }, '/first_name'],
      [{ ...good, last_name: '' }, '/last_name'],
      [{ ...good, last_name: 'n'.repeat(100_000) }, '/last_name'],
      [{ ...good, email: 'no address' }, '/email'],
      [{ ...good, email: 7 }, '/email'],
      [{ ...good, role: 'owner' }, '/role'],
    ];
    for (const [input, pointer] of cases) {
      await expect(register(guest, input)).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer }] });
    }
  });

  it('keeps emoji and right-to-left names as they are', async () => {
    await register(guest, { email: 'emoji@example.com', password, first_name: '👩🏽‍🚀 Ada', last_name: 'שלום' });
    const done = await verifyEmail(guest, { token: await newestToken('emoji@example.com'), password }, elsewhere);
    expect(done.user).toMatchObject({ first_name: '👩🏽‍🚀 Ada', last_name: 'שלום' });
  });
});

describe('signing in', () => {
  it('answers the same for an unknown address and a wrong password, and logs the refusal for the owner', async () => {
    const { userId } = await confirmed('wrong@example.com');
    const unknown = await signIn(guest, { email: 'nobody@example.com', password }).catch((error: unknown) => error);
    const wrong = await signIn(guest, { email: 'wrong@example.com', password: 'not this one at all' }).catch((error: unknown) => error);
    expect(unknown).toMatchObject({ code: 'unauthenticated' });
    expect(String(unknown)).toBe(String(wrong));
    expect(await auditOf(userId)).toContain('session.refused denied');
  });

  it('stores neither password nor token in the clear', async () => {
    const { session } = await confirmed('clear@example.com');
    const dump = JSON.stringify(await studio.raw('select u.*, c.*, s.* from users u join user_credentials c on c.user_id = u.id join user_sessions s on s.user_id = u.id where email = $1', ['clear@example.com']));
    expect(dump).not.toContain(password);
    expect(dump).not.toContain(session.token);
  });

  it('the runtime role cannot read the hashes outside sign-in', async () => {
    const { withUser } = await import('@/db/platform/client');
    const { userId } = await confirmed('hashes@example.com');
    await expect(withUser(studio.database, userId, (tx) => tx.query('select password_hash from user_credentials'))).rejects.toMatchObject({ code: '42501' });
  });

  it('raises weaker hashes at the next sign-in', async () => {
    const { userId } = await confirmed('old@example.com');
    const { hash } = await import('@node-rs/argon2');
    await studio.raw('update user_credentials set password_hash = $2 where user_id = $1', [userId, await hash(password, { memoryCost: 8192, timeCost: 1, parallelism: 1 })]);
    await signIn(guest, { email: 'old@example.com', password });
    const [row] = await studio.raw<{ password_hash: string }>('select password_hash from user_credentials where user_id = $1', [userId]);
    expect(row?.password_hash).toContain('m=19456,t=2,p=1');
  });
});

describe('sessions', () => {
  it('lists and revokes; a revoked session is refused at once, cached or not', async () => {
    const { ctx, session } = await confirmed('sessions@example.com');
    const other = await signIn(guest, { email: 'sessions@example.com', password });
    expect(await authenticateSession(guest, other.session.token)).not.toBeNull();
    const listed = await listSessions(ctx);
    expect(listed.map(({ id, current }) => ({ id, current }))).toEqual([
      { id: other.session.publicId, current: false },
      { id: session.publicId, current: true },
    ]);
    await revokeSession(ctx, other.session.publicId);
    expect(await authenticateSession(guest, other.session.token)).toBeNull();
    await expect(revokeSession(ctx, other.session.publicId)).rejects.toMatchObject({ code: 'not_found' });
  });

  it("does not know another person's session", async () => {
    const mine = await confirmed('mine@example.com');
    const theirs = await confirmed('theirs@example.com');
    await expect(revokeSession(mine.ctx, theirs.session.publicId)).rejects.toMatchObject({ code: 'not_found' });
    expect(await authenticateSession(guest, theirs.session.token)).not.toBeNull();
  });

  it('ends others, then itself', async () => {
    const { ctx, session } = await confirmed('others@example.com');
    const other = await signIn(guest, { email: 'others@example.com', password });
    await expect(revokeOtherSessions(ctx)).resolves.toEqual({ revoked: 1 });
    expect(await authenticateSession(guest, other.session.token)).toBeNull();
    await signOut(ctx);
    expect(await authenticateSession(guest, session.token)).toBeNull();
  });

  it('ends by rest and by age', async () => {
    const { session, ctx } = await confirmed('age@example.com');
    await studio.raw(`update user_sessions set idle_expires_at = now() - interval '1 second' where public_id = $1`, [session.publicId]);
    await ctx.cache.clear([(await import('@/lib/identity/session/internal')).sessionCacheKey(session.token)]);
    expect(await authenticateSession(guest, session.token)).toBeNull();
  });
});

describe('passwords', () => {
  it('changes with the old one, and signs every other device out', async () => {
    const { ctx, session, userId } = await confirmed('change@example.com');
    await expect(changePassword(ctx, { current_password: 'wrong', new_password: 'a new long passphrase' })).rejects.toMatchObject({ errors: [{ pointer: '/current_password' }] });
    const opened = await changePassword(ctx, { current_password: password, new_password: 'a new long passphrase' });
    expect(await authenticateSession(guest, session.token)).toBeNull();
    expect(await authenticateSession(guest, opened.token)).not.toBeNull();
    await expect(signIn(guest, { email: 'change@example.com', password })).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await auditOf(userId)).toContain('user.password_changed allowed');
  });

  it('resets by letter, once; unknown addresses get no letter', async () => {
    const { session } = await confirmed('reset@example.com');
    await forgotPassword(guest, { email: 'reset@example.com' });
    await forgotPassword(guest, { email: 'never-seen@example.com' });
    expect(await letters('never-seen@example.com')).toHaveLength(0);
    const token = await newestToken('reset@example.com');
    await resetPassword(guest, { token, password: 'another long passphrase' });
    expect(await authenticateSession(guest, session.token)).toBeNull();
    await expect(resetPassword(guest, { token, password: 'yet another passphrase' })).rejects.toMatchObject({ code: 'gone' });
    await expect(signIn(guest, { email: 'reset@example.com', password: 'another long passphrase' })).resolves.toBeDefined();
  });

  it('a verification token does not reset a password', async () => {
    await registered('purpose@example.com');
    await expect(resetPassword(guest, { token: await newestToken('purpose@example.com'), password: 'another long passphrase' })).rejects.toMatchObject({ code: 'gone' });
  });

  it('steps up with the password only', async () => {
    const { ctx, session } = await confirmed('step@example.com');
    await studio.raw('update user_sessions set stepped_up_at = null where public_id = $1', [session.publicId]);
    await expect(stepUp(ctx, { password: 'wrong' }, { token: null })).rejects.toMatchObject({ code: 'invalid_input' });
    await stepUp(ctx, { password }, { token: null });
    const [row] = await studio.raw<{ stepped_up_at: Date | null }>('select stepped_up_at from user_sessions where public_id = $1', [session.publicId]);
    expect(row?.stepped_up_at).toBeInstanceOf(Date);
  });
});

describe('the profile', () => {
  it('is read and changed by its owner alone', async () => {
    const { ctx } = await confirmed('profile@example.com');
    await expect(updateProfile(ctx, { first_name: 'Rear Admiral' })).resolves.toMatchObject({ first_name: 'Rear Admiral' });
    await expect(getProfile(ctx)).resolves.toMatchObject({ first_name: 'Rear Admiral', last_name: 'Hopper' });
    await expect(getProfile(guest)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(updateProfile(ctx, { email: 'other@example.com' })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('access tokens', () => {
  it('stand while their session does', async () => {
    const { ctx, session, user, userId } = await confirmed('token@example.com');
    const token = await issueAccessToken(guest, { user: user.id, session: session.publicId });
    expect(await authenticateAccessToken(guest, token)).toMatchObject({ kind: 'user', userId });
    await signOut(ctx);
    expect(await authenticateAccessToken(guest, token)).toBeNull();
  });

  it('stand while the keys of the environment are exchanged', async () => {
    const { session, user, userId } = await confirmed('exchanged@example.com');
    const [old, next] = [{ id: 'k1', key: randomBytes(32) }, { id: 'k2', key: randomBytes(32) }];
    const token = await issueAccessToken({ ...guest, vault: createVault([old]) }, { user: user.id, session: session.publicId });
    expect(await authenticateAccessToken({ ...guest, vault: createVault([next, old]) }, token)).toMatchObject({ userId });
    expect(await authenticateAccessToken({ ...guest, vault: createVault([next]) }, token)).toBeNull();
  });

  it('refuses twelve forgeries', async () => {
    const { SignJWT, UnsecuredJWT, generateKeyPair } = await import('jose');
    const { session, userId } = await confirmed('forged@example.com');
    const [kid] = guest.vault.keyIds;
    const key = guest.vault.derive('access-token', kid);
    const claims = { sid: session.publicId };
    const base = (typ = 'at+jwt') => new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid, typ }).setSubject(userId).setIssuer(guest.baseUrl).setAudience('studio-api').setIssuedAt().setExpirationTime('10m');
    const { privateKey } = await generateKeyPair('RS256');
    const [, body = '', signature = ''] = (await base().sign(key)).split('.');
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forgeries: Record<string, string> = {
      'alg none': new UnsecuredJWT(claims).setSubject(userId).setIssuer(guest.baseUrl).setAudience('studio-api').setExpirationTime('10m').encode(),
      'other secret': await base().sign(Buffer.alloc(32, 7)),
      'no expiry': await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' }).setSubject(userId).setIssuer(guest.baseUrl).setAudience('studio-api').sign(key),
      'no subject': await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' }).setIssuer(guest.baseUrl).setAudience('studio-api').setExpirationTime('10m').sign(key),
      expired: await base().setExpirationTime(1).sign(key),
      'not yet': await base().setNotBefore('1h').sign(key),
      'other issuer': await base().setIssuer('https://evil.example').sign(key),
      'other audience': await base().setAudience('elsewhere').sign(key),
      'other type': await base('JWT').sign(key),
      'other algorithm': await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'at+jwt' }).setSubject(userId).setIssuer(guest.baseUrl).setAudience('studio-api').setExpirationTime('10m').sign(privateKey),
      'kid as a path': [header({ alg: 'HS256', typ: 'at+jwt', kid: '../../dev/null' }), body, signature].join('.'),
      'embedded key': [header({ alg: 'HS256', kid, typ: 'at+jwt', jwk: { kty: 'oct', k: 'AAAA' } }), body, signature].join('.'),
    };
    expect(Object.keys(forgeries)).toHaveLength(12);
    expect(await authenticateAccessToken(guest, await base().sign(key))).not.toBeNull();
    for (const [name, token] of Object.entries(forgeries)) {
      expect(await authenticateAccessToken(guest, token), name).toBeNull();
    }
  });
});
