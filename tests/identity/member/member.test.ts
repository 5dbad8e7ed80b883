import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { invite } from '@/lib/identity/invitation/invite';
import { listInvitations } from '@/lib/identity/invitation/list-invitations';
import { changeRole } from '@/lib/identity/member/change-role';
import { leaveOrganization } from '@/lib/identity/member/leave-organization';
import { listMembers } from '@/lib/identity/member/list-members';
import { removeMember } from '@/lib/identity/member/remove-member';
import { getOrganization } from '@/lib/identity/organization/get-organization';
import { testStudio, type Person, type TestStudio } from '../../support/context';
import { auditOf, expectRefusal, refusal } from '../../support/expect-refusal';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

type Organization = Awaited<ReturnType<TestStudio['organization']>>;
let owner: Person;
let acme: Organization;
beforeEach(async () => {
  owner = await studio.person();
  acme = await studio.organization(owner);
});

async function member(role: Parameters<TestStudio['join']>[2]): Promise<Person & { memberId: string }> {
  const person = await studio.person();
  return { ...person, memberId: (await studio.join(acme, person, role)).publicId };
}

async function ownMemberId(person: Person): Promise<string> {
  const [row] = await studio.raw<{ public_id: string }>('select public_id from memberships where organization_id = $1 and user_id = $2', [acme.rowId, person.id]);
  if (row === undefined) throw new Error('not a member');
  return row.public_id;
}

describe('list', () => {
  test('pages through everybody once, addresses included, and hides the inner ids', async () => {
    const viewer = await member('viewer');
    for (let index = 0; index < 4; index += 1) await member('developer');
    const seen = [];
    let cursor: string | null = null;
    do {
      const page = await listMembers(viewer.ctx, acme.id, { limit: '2', ...(cursor === null ? {} : { cursor }) });
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(6);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(6);
    expect(seen.map(({ user }) => user.email)).toContain(viewer.email);
    expect(JSON.stringify(seen)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  test.each([
    ['name', ['Ann', 'bob', 'Cleo', 'Test']],
    ['-name', ['Test', 'Cleo', 'bob', 'Ann']],
    ['role', ['Test', 'Cleo', 'Ann', 'bob']],
    ['-role', ['bob', 'Ann', 'Cleo', 'Test']],
    ['created_at', ['Test', 'Cleo', 'bob', 'Ann']],
    ['-created_at', ['Ann', 'bob', 'Cleo', 'Test']],
  ])('in the order of %s, page by page', async (sort, expected) => {
    for (const [firstName, role] of [['Cleo', 'admin'], ['bob', 'viewer'], ['Ann', 'developer']] as const) {
      await studio.join(acme, await studio.person({ firstName }), role);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listMembers(owner.ctx, acme.id, { sort, limit: '2', ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.data.map(({ user }) => user.first_name));
      cursor = page.next_cursor;
    } while (cursor !== null && seen.length < 8);
    expect(seen).toEqual(expected);
  });

  test('an order that is not there is named', async () => {
    expect((await expectRefusal(listMembers(owner.ctx, acme.id, { sort: 'email' }), 'invalid_input')).errors).toMatchObject([{ pointer: '/sort' }]);
  });

  test('a stranger gets 404; a made-up cursor and limit are named', async () => {
    const eve = await studio.person();
    await expectRefusal(listMembers(eve.ctx, acme.id), 'not_found');
    await expectRefusal(listMembers(owner.ctx, acme.id, { cursor: 'nonsense' }), 'invalid_input');
    await expectRefusal(listMembers(owner.ctx, acme.id, { limit: '0' }), 'invalid_input');
  });
});

describe('change a role', () => {
  test('takes effect on the next request, raises the version and is written down', async () => {
    const dev = await member('developer');
    expect(await changeRole(owner.ctx, acme.id, dev.memberId, { role: 'viewer' })).toMatchObject({ id: dev.memberId, role: 'viewer' });
    expect(await getOrganization(dev.ctx, acme.id)).toMatchObject({ role: 'viewer', rights: { 'project:create': false } });
    expect(await studio.raw('select version from memberships where public_id = $1', [dev.memberId])).toEqual([{ version: 2 }]);
    expect(await auditOf(studio, acme)).toContainEqual(
      expect.objectContaining({ action: 'member.role_changed', actor_id: owner.publicId, target_id: dev.memberId, changes: { role: { from: 'developer', to: 'viewer' } } }),
    );
  });

  test('an admin neither makes owners nor touches one', async () => {
    const [admin, dev] = [await member('admin'), await member('developer')];
    await expectRefusal(changeRole(admin.ctx, acme.id, dev.memberId, { role: 'owner' }), 'forbidden');
    await expectRefusal(changeRole(admin.ctx, acme.id, await ownMemberId(owner), { role: 'viewer' }), 'forbidden');
    const denied = (await auditOf(studio, acme)).filter(({ outcome }) => outcome === 'denied');
    expect(denied.map(({ actor_id }) => actor_id)).toEqual([admin.publicId, admin.publicId]);
    expect(denied[0]?.reason).toContain('the role owner');
  });

  test.each(['developer', 'viewer', 'billing'] as const)('a %s may not, and hears which right is missing', async (role) => {
    const [person, other] = [await member(role), await member('viewer')];
    expect((await expectRefusal(changeRole(person.ctx, acme.id, other.memberId, { role: 'admin' }), 'forbidden')).right).toBe('member:manage');
  });

  test('a member of another organization does not exist here', async () => {
    const stranger = await studio.person();
    const other = await studio.organization(stranger);
    const theirs = await studio.raw<{ public_id: string }>('select public_id from memberships where organization_id = $1', [other.rowId]);
    await expectRefusal(changeRole(owner.ctx, acme.id, theirs[0]?.public_id ?? '', { role: 'viewer' }), 'not_found');
    await expectRefusal(changeRole(stranger.ctx, acme.id, await ownMemberId(owner), { role: 'viewer' }), 'not_found');
    await expectRefusal(changeRole(owner.ctx, acme.id, `mem_' or true --`, { role: 'viewer' }), 'not_found');
  });

  test('unknown roles and fields are refused', async () => {
    const dev = await member('developer');
    await expectRefusal(changeRole(owner.ctx, acme.id, dev.memberId, { role: 'god' }), 'invalid_input');
    await expectRefusal(changeRole(owner.ctx, acme.id, dev.memberId, { role: 'viewer', user_id: owner.id }), 'invalid_input');
  });

  test('two owners who demote each other at the same moment leave one owner', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [first, second] = [await studio.person(), await studio.person()];
      const firm = await studio.organization(first);
      const { publicId } = await studio.join(firm, second, 'owner');
      const [own] = await studio.raw<{ public_id: string }>('select public_id from memberships where organization_id = $1 and user_id = $2', [firm.rowId, first.id]);
      await Promise.allSettled([
        changeRole(first.ctx, firm.id, publicId, { role: 'viewer' }),
        changeRole(second.ctx, firm.id, own?.public_id ?? '', { role: 'viewer' }),
        leaveOrganization(first.ctx, firm.id),
        leaveOrganization(second.ctx, firm.id),
      ]);
      expect(await studio.raw(`select from memberships where organization_id = $1 and role = 'owner'`, [firm.rowId])).toHaveLength(1);
    }
  });

  test('somebody who is demoted while waiting for the turn is refused', async () => {
    const [admin, dev] = [await member('admin'), await member('developer')];
    const outcomes = await Promise.all(
      [changeRole(owner.ctx, acme.id, admin.memberId, { role: 'viewer' }), changeRole(admin.ctx, acme.id, dev.memberId, { role: 'admin' })].map((work) => work.then(() => 'done', () => 'refused')),
    );
    const roles = await studio.raw<{ role: string }>('select role from memberships where public_id = $1', [dev.memberId]);
    expect(outcomes[0]).toBe('done');
    expect(roles[0]?.role).toBe(outcomes[1] === 'done' ? 'admin' : 'developer');
  });

  test('a demotion revokes the invitations that the person could no longer send', async () => {
    const admin = await member('admin');
    await invite(admin.ctx, acme.id, { email: 'new@example.com', role: 'admin' });
    await changeRole(owner.ctx, acme.id, admin.memberId, { role: 'developer' });
    expect((await listInvitations(owner.ctx, acme.id)).data).toEqual([]);
  });
});

describe('remove and leave', () => {
  test('a removed member is out at once, and what they invited is revoked', async () => {
    const admin = await member('admin');
    await invite(admin.ctx, acme.id, { email: 'later@example.com', role: 'viewer' });
    await removeMember(owner.ctx, acme.id, admin.memberId);
    await expectRefusal(getOrganization(admin.ctx, acme.id), 'not_found');
    expect((await listInvitations(owner.ctx, acme.id)).data).toEqual([]);
    const actions = (await auditOf(studio, acme)).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['member.removed', 'invitation.revoked']));
  });

  test('an admin does not remove an owner; a viewer removes nobody; strangers see nothing', async () => {
    const [admin, viewer, eve] = [await member('admin'), await member('viewer'), await studio.person()];
    const ownerMember = await ownMemberId(owner);
    await expectRefusal(removeMember(admin.ctx, acme.id, ownerMember), 'forbidden');
    await expectRefusal(removeMember(viewer.ctx, acme.id, admin.memberId), 'forbidden');
    await expectRefusal(removeMember(eve.ctx, acme.id, admin.memberId), 'not_found');
    expect((await listMembers(owner.ctx, acme.id)).data).toHaveLength(3);
  });

  test('anybody leaves, but the last owner', async () => {
    const billing = await member('billing');
    await leaveOrganization(billing.ctx, acme.id);
    await expectRefusal(getOrganization(billing.ctx, acme.id), 'not_found');
    expect((await expectRefusal(leaveOrganization(owner.ctx, acme.id), 'conflict')).message).toContain('owner');
    await expectRefusal(removeMember(owner.ctx, acme.id, await ownMemberId(owner)), 'conflict');
    await expectRefusal(leaveOrganization(billing.ctx, acme.id), 'not_found');
    expect(await auditOf(studio, acme)).toContainEqual(expect.objectContaining({ action: 'member.left', actor_id: billing.publicId }));
  });

  test('a closed session removes nobody', async () => {
    const dev = await member('developer');
    await studio.raw('update user_sessions set revoked_at = now() where id = $1', [owner.sessionId]);
    expect((await refusal(removeMember(owner.ctx, acme.id, dev.memberId))).code).toBe('not_found');
  });
});
