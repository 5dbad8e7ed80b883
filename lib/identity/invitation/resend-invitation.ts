import type { Ctx } from '@/lib/context';
import { demandGrantable, holdMembers } from '@/lib/identity/access/hold-members';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { hashToken, newToken } from '@/lib/kernel/ids';
import { audit } from '@/lib/trust/audit/record';
import { getOpenInvitationOrThrow, mailInvitation, toInvitationView, validDays } from './internal';
import type { InvitationView } from './schemas';

/** Sends a new link, good for the full time again; the old one is dead. Whoever sends it again answers for it. */
export async function resendInvitation(ctx: Ctx, organization: string, invitation: string): Promise<InvitationView> {
  await ctx.limits.attempt('mail', invitation, ctx.ip);
  return within(ctx, { organization }, 'member:manage', async (tx, { organizationId }) => {
    const own = await holdMembers(ctx, tx, organizationId, 'member:manage');
    const { id, role, email } = await getOpenInvitationOrThrow(tx, organizationId, invitation);
    demandGrantable(own, role);
    const token = newToken();
    await tx.query(
      `update invitations set token_hash = $3, invited_by = $4, expires_at = now() + make_interval(days => $5)
        where organization_id = $1 and id = $2`,
      [organizationId, id, hashToken(token), actorId(ctx.actor), validDays],
    );
    const after = await getOpenInvitationOrThrow(tx, organizationId, invitation);
    await mailInvitation(ctx, tx, { to: email, role, organizationId, inviterName: after.inviter_name ?? 'Somebody', token });
    await audit(ctx, tx, { organizationId, action: 'invitation.resent', target: { kind: 'invitation', id: invitation, name: email } });
    return toInvitationView(after);
  });
}
