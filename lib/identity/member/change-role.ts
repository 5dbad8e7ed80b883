import type { Ctx } from '@/lib/context';
import { demandGrantable, holdMembers } from '@/lib/identity/access/hold-members';
import { grantable } from '@/lib/identity/access/policy';
import { within } from '@/lib/identity/access/within';
import { revokeInvitationsOf } from '@/lib/identity/invitation/revoke-invitations-of';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { getMemberOrThrow, keepAnOwner, toMemberView } from './internal';
import { notifyMember } from './notify-member';
import { ChangeRole, type MemberView } from './schemas';

/**
 * Gives a member another role. Neither the role that the member has nor the new one may be above the caller's,
 * and the last owner stays one. Invitations that the member could no longer send are revoked.
 */
export async function changeRole(ctx: Ctx, organization: string, member: string, raw: unknown): Promise<MemberView> {
  return within(ctx, { organization }, 'member:manage', async (tx, { organizationId }) => {
    const { role } = parseInput(ChangeRole, raw);
    const own = await holdMembers(ctx, tx, organizationId, 'member:manage');
    const before = await getMemberOrThrow(tx, organizationId, member);
    demandGrantable(own, before.role);
    demandGrantable(own, role);
    if (before.role === role) return toMemberView(before);
    await keepAnOwner(tx, organizationId, before);
    await tx.query('update memberships set role = $3, version = version + 1, updated_at = now() where organization_id = $1 and id = $2', [organizationId, before.id, role]);
    await revokeInvitationsOf(ctx, tx, { organizationId, userId: before.user_id, unless: grantable[role] });
    await audit(ctx, tx, {
      organizationId,
      action: 'member.role_changed',
      target: { kind: 'member', id: before.public_id, name: before.email },
      changes: { role: { from: before.role, to: role } },
    });
    await notifyMember(tx, organizationId, before.user_id);
    return toMemberView({ ...before, role });
  });
}
