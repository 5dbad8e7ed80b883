import { withTenant, withUser, type TenantTx, type Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { bumpOrganization } from '@/lib/identity/access/freshness';
import { lockMembers } from '@/lib/identity/access/hold-members';
import { logAccess } from '@/lib/identity/access/log-access';
import { grantable, type Role } from '@/lib/identity/access/policy';
import { addMember } from '@/lib/identity/member/add-member';
import { countMembers } from '@/lib/identity/member/count-members';
import type { UserActor } from '@/lib/kernel/actor';
import { AppError, isAppError } from '@/lib/kernel/errors';
import { hashToken } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { demandRoom } from '@/lib/trust/usage/plan-limits';
import { findInvitationOrThrow } from './find-invitation';
import { invitationGone, isOpen } from './internal';
import { AcceptedInvitation, InvitationToken } from './schemas';

/**
 * Makes the signed-in person a member. The confirmed address of the account must be the invited one, the link works
 * once, and whoever sent it must still be allowed to give the role. Opens the tenant itself, because the caller
 * has no rights in the organization yet.
 */
export async function acceptInvitation(ctx: Ctx, raw: unknown): Promise<AcceptedInvitation> {
  const { actor } = ctx;
  if (actor.kind !== 'user') throw new AppError('unauthenticated', 'Sign in with the invited address to accept.');
  const { token } = parseInput(InvitationToken, raw);
  await ctx.limits.attempt('token', null, ctx.ip);
  const { organization_id: organizationId, email } = await findInvitationOrThrow(ctx, token);
  const scope = { organizationId, userId: actor.userId };
  const startedMs = ctx.clock.monotonicMs();
  try {
    const { accepted, rows } = await withTenant(ctx.database, scope, {}, async (tx) => {
      await demandInvitedAddress(tx, actor, email);
      return { accepted: await accept(ctx, tx, actor, organizationId, token), rows: tx.rowsTouched() };
    });
    await bumpOrganization(ctx.cache, organizationId);
    logAccess(ctx, scope, 'invitation:accept', rows, startedMs);
    return accepted;
  } catch (error) {
    if (isAppError(error) && error.code === 'forbidden') await recordDenial(ctx, actor, error.message);
    throw error;
  }
}

async function demandInvitedAddress(tx: Tx, { userId, sessionId }: UserActor, invited: string): Promise<void> {
  const [user] = await tx.query<{ email: string; verified: boolean }>(
    `select u.email, u.email_verified_at is not null as verified from users u join user_sessions s on s.user_id = u.id
      where u.id = $1 and s.id = $2 and u.disabled_at is null
        and s.revoked_at is null and s.expires_at > now() and s.idle_expires_at > now()`,
    [userId, sessionId],
  );
  if (user === undefined) throw new AppError('unauthenticated', 'Sign in with the invited address to accept.');
  if (!user.verified) throw new AppError('forbidden', 'Confirm your e-mail address first, then open the invitation again.');
  if (user.email.toLowerCase() !== invited.toLowerCase()) {
    throw new AppError('forbidden', `This invitation is for ${invited}. Sign in with that address to accept it.`);
  }
}

async function accept(ctx: Ctx, tx: TenantTx, { userId }: UserActor, organizationId: string, token: string): Promise<AcceptedInvitation> {
  await lockMembers(tx, organizationId);
  const [taken] = await tx.query<{ public_id: string; email: string; role: Role; invited_by: string }>(
    `update invitations i set accepted_at = now(), accepted_by = $3
      where i.organization_id = $1 and i.token_hash = $2 and ${isOpen} and i.expires_at > now()
      returning i.public_id, i.email, i.role, i.invited_by`,
    [organizationId, hashToken(token), userId],
  );
  if (taken === undefined) throw invitationGone();
  const [inviter] = await tx.query<{ role: Role }>('select role from memberships where organization_id = $1 and user_id = $2', [organizationId, taken.invited_by]);
  if (inviter === undefined || !grantable[inviter.role].includes(taken.role)) throw invitationGone();
  const memberId = await addMember(tx, { organizationId, userId, role: taken.role, invitedBy: taken.invited_by });
  await demandRoom(tx, organizationId, 'members', countMembers);
  await audit(ctx, tx, {
    organizationId,
    action: 'invitation.accepted',
    target: { kind: 'invitation', id: taken.public_id, name: taken.email },
    changes: { role: { from: null, to: taken.role } },
  });
  const [organization] = await tx.query('select public_id as id, name, slug from organizations where id = $1', [organizationId]);
  return AcceptedInvitation.parse({ organization, member_id: memberId, role: taken.role });
}

/** In the person's own log: the organization has no reason to learn who else was sent a link. */
async function recordDenial(ctx: Ctx, { userId }: UserActor, reason: string): Promise<void> {
  await withUser(ctx.database, userId, (tx) =>
    audit(ctx, tx, { organizationId: null, action: 'invitation.accept', target: { kind: 'invitation', id: null, name: null }, outcome: 'denied', reason }),
  );
}
