import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { Role } from '@/lib/identity/access/policy';
import { actorId } from '@/lib/kernel/actor';
import { audit } from '@/lib/trust/audit/record';
import { isOpen } from './internal';

interface Sender {
  organizationId: string;
  userId: string;
  /** Roles that the sender may still hand out. */
  unless: readonly Role[];
}

/** Revokes what somebody sent and could not send any more. Part of a change of membership, in its transaction. */
export async function revokeInvitationsOf(ctx: Ctx, tx: TenantTx, { organizationId, userId, unless }: Sender): Promise<void> {
  const revoked = await tx.query<{ public_id: string; email: string }>(
    `update invitations i set revoked_at = now(), revoked_by = $4
      where i.organization_id = $1 and i.invited_by = $2 and ${isOpen} and not i.role = any($3::text[])
      returning i.public_id, i.email`,
    [organizationId, userId, unless, actorId(ctx.actor)],
  );
  for (const { public_id, email } of revoked) {
    await audit(ctx, tx, {
      organizationId,
      action: 'invitation.revoked',
      target: { kind: 'invitation', id: public_id, name: email },
      reason: 'whoever sent it may no longer give this role',
    });
  }
}
