import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '@/lib/identity/access/policy';
import { acceptInvitation } from '@/lib/identity/invitation/accept-invitation';
import { invite } from '@/lib/identity/invitation/invite';
import { resendInvitation } from '@/lib/identity/invitation/resend-invitation';
import { revokeInvitation } from '@/lib/identity/invitation/revoke-invitation';
import { changeRole } from '@/lib/identity/member/change-role';
import { leaveOrganization } from '@/lib/identity/member/leave-organization';
import { removeMember } from '@/lib/identity/member/remove-member';
import { isAppError } from '@/lib/kernel/errors';
import { newPublicId, newToken } from '@/lib/kernel/ids';
import { testStudio, type Person, type TestStudio } from '../../support/context';
import { newestToken } from '../../support/invitations';
import { Authority, type Outcome, type Step } from './authority-model';
import { crowd, step } from './authority-steps';

let studio: TestStudio;
let people: Person[];
beforeAll(async () => {
  studio = await testStudio();
  people = [];
  for (let index = 0; index < crowd; index += 1) people.push(await studio.person());
});
afterAll(() => studio.close());

type Organization = Awaited<ReturnType<TestStudio['organization']>>;

function at(index: number): Person {
  const person = people[index];
  if (person === undefined) throw new Error(`there is no person ${index}`);
  return person;
}

/** Does in the real system what the step says, and answers how it went. */
async function perform(firm: Organization, each: Step): Promise<Outcome> {
  try {
    await run(firm, each);
    return 'allowed';
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}

async function run(firm: Organization, each: Step): Promise<unknown> {
  const { ctx } = at(each.actor);
  switch (each.verb) {
    case 'invite':
      return invite(ctx, firm.id, { email: at(each.target).email, role: each.role });
    case 'resend':
      return resendInvitation(ctx, firm.id, await invitationId(firm, each.target));
    case 'revoke':
      return revokeInvitation(ctx, firm.id, await invitationId(firm, each.target));
    case 'accept':
      return acceptInvitation(ctx, { token: await tokenFor(firm, each.actor) });
    case 'changeRole':
      return changeRole(ctx, firm.id, await memberId(firm, each.target), { role: each.role });
    case 'remove':
      return removeMember(ctx, firm.id, await memberId(firm, each.target));
    case 'leave':
      return leaveOrganization(ctx, firm.id);
  }
}

async function memberId(firm: Organization, person: number): Promise<string> {
  const [row] = await studio.raw<{ public_id: string }>('select public_id from memberships where organization_id = $1 and user_id = $2', [firm.rowId, at(person).id]);
  return row?.public_id ?? newPublicId('membership');
}

async function invitationId(firm: Organization, person: number): Promise<string> {
  const [row] = await studio.raw<{ public_id: string }>('select public_id from invitations where organization_id = $1 and email = $2 order by id desc limit 1', [firm.rowId, at(person).email]);
  return row?.public_id ?? newPublicId('invitation');
}

/** The newest letter of this organization; letters of earlier runs are cleared away. */
async function tokenFor(firm: Organization, person: number): Promise<string> {
  const sent = await studio.raw('select from invitations where organization_id = $1 and email = $2', [firm.rowId, at(person).email]);
  return sent.length === 0 ? newToken() : newestToken(studio, at(person).email);
}

async function membersOf(firm: Organization): Promise<[number, Role][]> {
  const rows = await studio.raw<{ user_id: string; role: Role }>('select user_id, role from memberships where organization_id = $1', [firm.rowId]);
  return rows.map(({ user_id, role }): [number, Role] => [people.findIndex(({ id }) => id === user_id), role]).sort(([a], [b]) => a - b);
}

async function openInvitationsOf(firm: Organization): Promise<[number, Role][]> {
  const rows = await studio.raw<{ email: string; role: Role }>('select email, role from invitations where organization_id = $1 and accepted_at is null and revoked_at is null', [firm.rowId]);
  return rows.map((row): [number, Role] => [people.findIndex(({ email }) => email === row.email), row.role]).sort(([a], [b]) => a - b);
}

async function freshOrganization(): Promise<Organization> {
  await studio.raw('truncate graphile_worker._private_jobs');
  return studio.organization(at(0));
}

test('the real verbs do what the model says, step by step', async () => {
  let sequences = 0;
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), async (sequence) => {
      const firm = await freshOrganization();
      const model = new Authority();
      for (const each of sequence) expect(await perform(firm, each), JSON.stringify(each)).toBe(model.apply(each));
      expect(await membersOf(firm)).toEqual([...model.members].sort(([a], [b]) => a - b));
      expect(await openInvitationsOf(firm)).toEqual([...model.invitations].map(([person, { role }]): [number, Role] => [person, role]).sort(([a], [b]) => a - b));
      sequences += 1;
      steps += sequence.length;
    }),
    { numRuns: 60, endOnFailure: true },
  );
  console.info(`authority against the database: ${sequences} sequences, ${steps} steps, 0 differences`);
}, 240_000);

/** What the audit log says happened, in the order in which it happened. */
async function historyOf(firm: Organization): Promise<Step[]> {
  const rows = await studio.raw<{ action: string; actor_id: string; target_name: string; role: Role | null; reason: string | null }>(
    `select action, actor_id, target_name, changes->'role'->>'to' as role, reason from audit_logs where organization_id = $1 and outcome = 'allowed' order by at, id`,
    [firm.rowId],
  );
  return rows.flatMap(({ action, actor_id, target_name, role, reason }): Step[] => {
    const actor = people.findIndex(({ publicId }) => publicId === actor_id);
    const target = people.findIndex(({ email }) => email === target_name);
    if (action === 'invitation.sent' && role !== null) return [{ verb: 'invite', actor, target, role }];
    if (action === 'invitation.accepted') return [{ verb: 'accept', actor }];
    if (action === 'invitation.resent') return [{ verb: 'resend', actor, target }];
    if (action === 'invitation.revoked') return reason === null ? [{ verb: 'revoke', actor, target }] : [];
    if (action === 'member.role_changed' && role !== null) return [{ verb: 'changeRole', actor, target, role }];
    if (action === 'member.removed') return [{ verb: 'remove', actor, target }];
    if (action === 'member.left') return [{ verb: 'leave', actor }];
    return [];
  });
}

test('steps at the same moment come out as if they had come one after another', async () => {
  let races = 0;
  const burst = fc.array(step, { minLength: 4, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...(['owner', 'admin', 'admin', 'developer'] as const)), { minLength: 3, maxLength: 4 }), burst, burst, async (roles, first, second) => {
      const firm = await freshOrganization();
      const model = new Authority();
      for (const [index, role] of roles.entries()) {
        for (const each of [{ verb: 'invite', actor: 0, target: index + 1, role }, { verb: 'accept', actor: index + 1 }] as const) {
          expect(await perform(firm, each)).toBe(model.apply(each));
        }
      }
      for (const sequence of [first, second]) await Promise.all(sequence.map((each) => perform(firm, each)));
      const history = (await historyOf(firm)).slice(roles.length * 2);
      for (const each of history) expect(model.apply(each), `${JSON.stringify(each)} of ${JSON.stringify(history)}`).toBe('allowed');
      expect(await membersOf(firm)).toEqual([...model.members].sort(([a], [b]) => a - b));
      races += 1;
    }),
    { numRuns: 100, endOnFailure: true },
  );
  console.info(`authority under parallel changes: ${races} races, each explained by one order`);
}, 240_000);
