import type { Ctx } from '@/lib/context';
import { holdMembers } from '@/lib/identity/access/hold-members';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { notFound } from '@/lib/kernel/errors';
import { endMembership } from './end-membership';
import { selectMembers, type MemberRow } from './internal';

/** Ends the caller's own membership; the last owner has to name another one first. */
export async function leaveOrganization(ctx: Ctx, organization: string): Promise<void> {
  await within(ctx, { organization }, 'organization:leave', async (tx, { organizationId }) => {
    await holdMembers(ctx, tx, organizationId, 'organization:leave');
    const [own] = await tx.query<MemberRow>(`${selectMembers} where m.organization_id = $1 and m.user_id = $2`, [organizationId, actorId(ctx.actor)]);
    if (own === undefined) throw notFound('organization');
    await endMembership(ctx, tx, organizationId, own, 'member.left');
  });
}
