import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { demandGrantable, holdMembers } from '@/lib/identity/access/hold-members';
import { within } from '@/lib/identity/access/within';
import { countMembers } from '@/lib/identity/member/count-members';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { hashToken, newPublicId, newToken } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { demandRoom } from '@/lib/trust/usage/plan-limits';
import { isOpen, mailInvitation, toInvitationView, validDays, type InvitationRow } from './internal';
import { Invite, type InvitationView } from './schemas';

/**
 * Invites an address with a role not above the caller's. The letter holds the only copy of the token. The answer
 * is the same whether the address has an account or not.
 */
export async function invite(ctx: Ctx, organization: string, raw: unknown): Promise<InvitationView> {
  return within(ctx, { organization }, 'member:manage', async (tx, { organizationId }) => {
    const { email, role } = parseInput(Invite, raw);
    await ctx.limits.attempt('mail', email, ctx.ip);
    const own = await holdMembers(ctx, tx, organizationId, 'member:manage');
    demandGrantable(own, role);
    await refuseMember(tx, organizationId, email);
    await clearExpired(ctx, tx, organizationId, email);
    const token = newToken();
    const [row] = await tx.query<InvitationRow>(
      `with i as (
         insert into invitations (organization_id, public_id, email, role, token_hash, invited_by, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)) returning *)
       select i.id, i.public_id, i.email, i.role, i.created_at, i.expires_at, false as expired,
              u.public_id as inviter_id, u.first_name || ' ' || u.last_name as inviter_name
         from i left join users u on u.id = i.invited_by`,
      [organizationId, newPublicId('invitation'), email, role, hashToken(token), actorId(ctx.actor), validDays],
    );
    if (row === undefined) throw new Error('the invitation was not inserted');
    await demandRoom(tx, organizationId, 'members', countWithInvited);
    await mailInvitation(ctx, tx, { to: email, role, organizationId, inviterName: row.inviter_name ?? 'Somebody', token });
    await audit(ctx, tx, {
      organizationId,
      action: 'invitation.sent',
      target: { kind: 'invitation', id: row.public_id, name: email },
      changes: { role: { from: null, to: role } },
    });
    return toInvitationView(row);
  });
}

async function refuseMember(tx: TenantTx, organizationId: string, email: string): Promise<void> {
  const members = await tx.query(
    'select from memberships m join users u on u.id = m.user_id where m.organization_id = $1 and lower(u.email) = lower($2)',
    [organizationId, email],
  );
  if (members.length > 0) throw new AppError('conflict', 'This person is a member already.', { errors: [{ pointer: '/email', detail: 'This person is a member already.' }] });
}

/** An expired invitation makes room for a new one to the same address. */
async function clearExpired(ctx: Ctx, tx: TenantTx, organizationId: string, email: string): Promise<void> {
  await tx.query(
    `update invitations i set revoked_at = now(), revoked_by = $3
      where i.organization_id = $1 and lower(i.email) = lower($2) and ${isOpen} and i.expires_at <= now()`,
    [organizationId, email, actorId(ctx.actor)],
  );
}

/** Somebody invited has a place of the plan kept until the letter runs out. */
async function countWithInvited(tx: TenantTx, organizationId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from invitations i where i.organization_id = $1 and ${isOpen} and i.expires_at > now()`,
    [organizationId],
  );
  return (await countMembers(tx, organizationId)) + (row?.count ?? 0);
}
