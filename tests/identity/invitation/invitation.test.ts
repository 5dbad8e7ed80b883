import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acceptInvitation } from '@/lib/identity/invitation/accept-invitation';
import { invite } from '@/lib/identity/invitation/invite';
import { listInvitations } from '@/lib/identity/invitation/list-invitations';
import { lookupInvitation } from '@/lib/identity/invitation/lookup-invitation';
import { resendInvitation } from '@/lib/identity/invitation/resend-invitation';
import { revokeInvitation } from '@/lib/identity/invitation/revoke-invitation';
import { getOrganization } from '@/lib/identity/organization/get-organization';
import { newToken } from '@/lib/kernel/ids';
import { testStudio, type Person, type TestStudio } from '../../support/context';
import { auditOf, expectRefusal } from '../../support/expect-refusal';
import { newestToken } from '../../support/invitations';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

let owner: Person;
let acme: Awaited<ReturnType<TestStudio['organization']>>;
let address: string;
let count = 0;
beforeEach(async () => {
  owner = await studio.person({ firstName: 'Ada', lastName: 'Lovelace' });
  acme = await studio.organization(owner);
  count += 1;
  address = `guest${count}@example.com`;
});

const guest = () => studio.ctx({ kind: 'anonymous' });

describe('invite', () => {
  test('queues a letter, keeps only the hash of its token, and answers without it', async () => {
    const view = await invite(owner.ctx, acme.id, { email: `  ${address.toUpperCase()} `, role: 'developer' });
    expect(view).toMatchObject({ email: address, role: 'developer', status: 'open', inviter: { id: owner.publicId, name: 'Ada Lovelace' } });
    const token = await newestToken(studio, address);
    const everything = await studio.raw<{ row: string }>('select i::text as row from invitations i union all select a::text from audit_logs a union all select j::text from graphile_worker._private_jobs j');
    expect(everything.filter(({ row }) => row.includes(token))).toEqual([]);
    expect(JSON.stringify(view)).not.toContain(token);
    expect(studio.lines.filter((line) => JSON.stringify(line).includes(token))).toEqual([]);
    expect(await auditOf(studio, acme)).toContainEqual(expect.objectContaining({ action: 'invitation.sent', actor_id: owner.publicId, target_id: view.id }));
  });

  test('the answer is the same for an address with an account and one without', async () => {
    const known = await studio.person();
    const [first, second] = [await invite(owner.ctx, acme.id, { email: known.email, role: 'viewer' }), await invite(owner.ctx, acme.id, { email: address, role: 'viewer' })];
    expect(Object.keys(first)).toEqual(Object.keys(second));
    expect({ ...first, id: '', email: '', created_at: '', expires_at: '' }).toEqual({ ...second, id: '', email: '', created_at: '', expires_at: '' });
  });

  test('nobody invites to a role above the own', async () => {
    const [admin, dev, eve] = [await studio.person(), await studio.person(), await studio.person()];
    await studio.join(acme, admin, 'admin');
    await studio.join(acme, dev, 'developer');
    await expectRefusal(invite(admin.ctx, acme.id, { email: address, role: 'owner' }), 'forbidden');
    expect((await expectRefusal(invite(dev.ctx, acme.id, { email: address, role: 'viewer' }), 'forbidden')).right).toBe('member:manage');
    await expectRefusal(invite(eve.ctx, acme.id, { email: address, role: 'viewer' }), 'not_found');
    expect((await listInvitations(owner.ctx, acme.id)).data).toEqual([]);
  });

  test('members and addresses with an open invitation are refused; an expired one makes room', async () => {
    const dev = await studio.person();
    await studio.join(acme, dev, 'developer');
    await expectRefusal(invite(owner.ctx, acme.id, { email: dev.email.toUpperCase(), role: 'viewer' }), 'conflict');
    await invite(owner.ctx, acme.id, { email: address, role: 'viewer' });
    await expectRefusal(invite(owner.ctx, acme.id, { email: address, role: 'admin' }), 'conflict');
    await studio.raw(`update invitations set expires_at = now() - interval '1 second' where organization_id = $1`, [acme.rowId]);
    expect((await listInvitations(owner.ctx, acme.id)).data).toMatchObject([{ status: 'expired' }]);
    await invite(owner.ctx, acme.id, { email: address, role: 'admin' });
    expect((await listInvitations(owner.ctx, acme.id)).data).toMatchObject([{ status: 'open', role: 'admin' }]);
  });

  test('the plan bounds members and open invitations together', async () => {
    for (let index = 0; index < 9; index += 1) await invite(owner.ctx, acme.id, { email: `${index}-${address}`, role: 'viewer' });
    expect((await expectRefusal(invite(owner.ctx, acme.id, { email: address, role: 'viewer' }), 'quota_exceeded')).message).toContain('10 members');
  });

  test.each([
    [{ role: 'viewer' }, '/email'],
    [{ email: 'not an address', role: 'viewer' }, '/email'],
    [{ email: `${'x'.repeat(300)}@example.com`, role: 'viewer' }, '/email'],
    [{ email: 'a@example.com', role: 'root' }, '/role'],
    [{ email: 'a@example.com', role: 'viewer', organization_id: 'org_other' }, '/organization_id'],
  ])('bad input %j is refused at %s', async (input, pointer) => {
    expect((await expectRefusal(invite(owner.ctx, acme.id, input), 'invalid_input')).errors?.map((error) => error.pointer)).toContain(pointer);
  });

  test('a letter is not sent without end', async () => {
    const strict = await testStudio({ attemptLimitFactor: 1 });
    const person = await strict.person();
    const firm = await strict.organization(person);
    const { id } = await invite(person.ctx, firm.id, { email: address, role: 'viewer' });
    const outcomes = [];
    for (let round = 0; round < 7; round += 1) outcomes.push(await resendInvitation(person.ctx, firm.id, id).then(() => 'sent', () => 'refused'));
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(5);
    await strict.close();
  });
});

describe('look up', () => {
  test('shows what is offered and consumes nothing', async () => {
    await invite(owner.ctx, acme.id, { email: address, role: 'developer' });
    const token = await newestToken(studio, address);
    for (let round = 0; round < 3; round += 1) {
      expect(await lookupInvitation(guest(), { token })).toEqual({
        organization_name: 'Acme',
        email: address,
        role: 'developer',
        inviter: 'Ada Lovelace',
        expires_at: expect.any(String),
        account_exists: false,
      });
    }
    await studio.person({ email: address });
    expect(await lookupInvitation(guest(), { token })).toMatchObject({ account_exists: true });
  });

  test('unknown, revoked, expired and replaced links cannot be told apart', async () => {
    const messages = [(await expectRefusal(lookupInvitation(guest(), { token: newToken() }), 'gone')).message];
    const { id } = await invite(owner.ctx, acme.id, { email: address, role: 'viewer' });
    const replaced = await newestToken(studio, address);
    await resendInvitation(owner.ctx, acme.id, id);
    messages.push((await expectRefusal(lookupInvitation(guest(), { token: replaced }), 'gone')).message);
    const token = await newestToken(studio, address);
    await studio.raw(`update invitations set expires_at = now() where public_id = $1`, [id]);
    messages.push((await expectRefusal(lookupInvitation(guest(), { token }), 'gone')).message);
    await studio.raw(`update invitations set expires_at = now() + interval '1 day' where public_id = $1`, [id]);
    await lookupInvitation(guest(), { token });
    await revokeInvitation(owner.ctx, acme.id, id);
    messages.push((await expectRefusal(lookupInvitation(guest(), { token }), 'gone')).message);
    expect(new Set(messages).size).toBe(1);
  });

  test('a token of the wrong shape is named', async () => {
    await expectRefusal(lookupInvitation(guest(), { token: 'short' }), 'invalid_input');
    await expectRefusal(lookupInvitation(guest(), {}), 'invalid_input');
  });
});

describe('accept', () => {
  test('makes the invited person a member with the offered role, once', async () => {
    const { id } = await invite(owner.ctx, acme.id, { email: address, role: 'developer' });
    const token = await newestToken(studio, address);
    const person = await studio.person({ email: address });
    const accepted = await acceptInvitation(person.ctx, { token });
    expect(accepted).toMatchObject({ organization: { id: acme.id, slug: acme.slug }, role: 'developer' });
    expect(await getOrganization(person.ctx, acme.id)).toMatchObject({ role: 'developer' });
    await expectRefusal(acceptInvitation(person.ctx, { token }), 'gone');
    expect((await listInvitations(owner.ctx, acme.id)).data).toEqual([]);
    expect(await auditOf(studio, acme)).toContainEqual(expect.objectContaining({ action: 'invitation.accepted', actor_id: person.publicId, target_id: id }));
  });

  test('a hundred parallel tries make one member', async () => {
    await invite(owner.ctx, acme.id, { email: address, role: 'developer' });
    const token = await newestToken(studio, address);
    const person = await studio.person({ email: address });
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => acceptInvitation(person.ctx, { token }).then(() => 'accepted', () => 'refused')));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(await studio.raw('select from memberships where organization_id = $1', [acme.rowId])).toHaveLength(2);
  });

  test('guests, other addresses and unconfirmed ones are refused, and the link stays good', async () => {
    await invite(owner.ctx, acme.id, { email: address, role: 'developer' });
    const token = await newestToken(studio, address);
    await expectRefusal(acceptInvitation(guest(), { token }), 'unauthenticated');
    const [eve, unconfirmed] = [await studio.person(), await studio.person({ email: address, verified: false })];
    expect((await expectRefusal(acceptInvitation(eve.ctx, { token }), 'forbidden')).message).toContain(address);
    await expectRefusal(acceptInvitation(unconfirmed.ctx, { token }), 'forbidden');
    expect(await studio.raw(`select action, outcome from audit_logs where actor_user_id = $1 and organization_id is null`, [eve.id])).toEqual([{ action: 'invitation.accept', outcome: 'denied' }]);
    await studio.raw('update users set email_verified_at = now() where id = $1', [unconfirmed.id]);
    expect(await acceptInvitation(unconfirmed.ctx, { token })).toMatchObject({ role: 'developer' });
  });

  test('an API key and a closed session accept nothing', async () => {
    await invite(owner.ctx, acme.id, { email: address, role: 'developer' });
    const token = await newestToken(studio, address);
    const key = studio.ctx({ kind: 'api_key', keyId: owner.id, name: 'key', organizationId: acme.rowId, projectId: null, scopes: [] });
    await expectRefusal(acceptInvitation(key, { token }), 'unauthenticated');
    const person = await studio.person({ email: address });
    await studio.raw('update user_sessions set revoked_at = now() where user_id = $1', [person.id]);
    await expectRefusal(acceptInvitation(person.ctx, { token }), 'unauthenticated');
  });

  test('the link dies when its sender may no longer give the role, by whatever way', async () => {
    const admin = await studio.person();
    await studio.join(acme, admin, 'admin');
    await invite(admin.ctx, acme.id, { email: address, role: 'admin' });
    const token = await newestToken(studio, address);
    const person = await studio.person({ email: address });
    await studio.raw(`update memberships set role = 'viewer' where user_id = $1`, [admin.id]);
    await expectRefusal(acceptInvitation(person.ctx, { token }), 'gone');
    await studio.raw(`delete from memberships where user_id = $1`, [admin.id]);
    await expectRefusal(lookupInvitation(guest(), { token }), 'gone');
  });

  test('a full organization takes nobody in', async () => {
    await invite(owner.ctx, acme.id, { email: address, role: 'developer' });
    const token = await newestToken(studio, address);
    for (let index = 0; index < 9; index += 1) await studio.join(acme, await studio.person(), 'viewer');
    const person = await studio.person({ email: address });
    await expectRefusal(acceptInvitation(person.ctx, { token }), 'quota_exceeded');
    expect(await studio.raw('select from memberships where user_id = $1', [person.id])).toEqual([]);
  });
});

describe('list, resend and revoke', () => {
  test('pages newest first', async () => {
    for (let index = 0; index < 3; index += 1) await invite(owner.ctx, acme.id, { email: `${index}-${address}`, role: 'viewer' });
    const first = await listInvitations(owner.ctx, acme.id, { limit: 2 });
    const second = await listInvitations(owner.ctx, acme.id, { limit: 2, cursor: first.next_cursor ?? '' });
    expect([...first.data, ...second.data].map(({ email }) => email)).toEqual([`2-${address}`, `1-${address}`, `0-${address}`]);
    expect(second.next_cursor).toBeNull();
  });

  test('an admin neither resends nor revokes what offers more than the own role', async () => {
    const [admin, eve] = [await studio.person(), await studio.person()];
    await studio.join(acme, admin, 'admin');
    const { id } = await invite(owner.ctx, acme.id, { email: address, role: 'owner' });
    await expectRefusal(resendInvitation(admin.ctx, acme.id, id), 'forbidden');
    await expectRefusal(revokeInvitation(admin.ctx, acme.id, id), 'forbidden');
    await expectRefusal(resendInvitation(eve.ctx, acme.id, id), 'not_found');
    await expectRefusal(revokeInvitation(eve.ctx, acme.id, id), 'not_found');
    const theirs = await studio.organization(eve);
    await expectRefusal(revokeInvitation(eve.ctx, theirs.id, id), 'not_found');
    expect((await listInvitations(owner.ctx, acme.id)).data).toHaveLength(1);
  });

  test('revoking twice says that there is none', async () => {
    const { id } = await invite(owner.ctx, acme.id, { email: address, role: 'viewer' });
    await revokeInvitation(owner.ctx, acme.id, id);
    await expectRefusal(revokeInvitation(owner.ctx, acme.id, id), 'not_found');
    await expectRefusal(resendInvitation(owner.ctx, acme.id, id), 'not_found');
    expect((await auditOf(studio, acme)).map(({ action }) => action)).toContain('invitation.revoked');
  });
});
