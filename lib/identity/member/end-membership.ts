import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { revokeInvitationsOf } from '@/lib/identity/invitation/revoke-invitations-of';
import { audit } from '@/lib/trust/audit/record';
import { keepAnOwner, type MemberRow } from './internal';
import { notifyMember } from './notify-member';

/** Ends a membership under the lock of `holdMembers`; the invitations that the member sent end with it. */
export async function endMembership(ctx: Ctx, tx: TenantTx, organizationId: string, member: MemberRow, action: 'member.removed' | 'member.left'): Promise<void> {
  await keepAnOwner(tx, organizationId, member);
  await revokeInvitationsOf(ctx, tx, { organizationId, userId: member.user_id, unless: [] });
  await tx.query('delete from memberships where organization_id = $1 and id = $2', [organizationId, member.id]);
  await audit(ctx, tx, {
    organizationId,
    action,
    target: { kind: 'member', id: member.public_id, name: member.email },
    changes: { role: { from: member.role, to: null } },
  });
  await notifyMember(tx, organizationId, member.user_id);
}
