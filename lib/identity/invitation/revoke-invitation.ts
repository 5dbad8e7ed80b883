import type { Ctx } from '@/lib/context';
import { demandGrantable, holdMembers } from '@/lib/identity/access/hold-members';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { audit } from '@/lib/trust/audit/record';
import { getOpenInvitationOrThrow } from './internal';

/** Makes the link worthless. */
export async function revokeInvitation(ctx: Ctx, organization: string, invitation: string): Promise<void> {
  await within(ctx, { organization }, 'member:manage', async (tx, { organizationId }) => {
    const own = await holdMembers(ctx, tx, organizationId, 'member:manage');
    const { id, role, email } = await getOpenInvitationOrThrow(tx, organizationId, invitation);
    demandGrantable(own, role);
    await tx.query('update invitations set revoked_at = now(), revoked_by = $3 where organization_id = $1 and id = $2', [organizationId, id, actorId(ctx.actor)]);
    await audit(ctx, tx, { organizationId, action: 'invitation.revoked', target: { kind: 'invitation', id: invitation, name: email } });
  });
}
