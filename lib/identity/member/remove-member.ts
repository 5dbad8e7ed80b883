import type { Ctx } from '@/lib/context';
import { demandGrantable, holdMembers } from '@/lib/identity/access/hold-members';
import { within } from '@/lib/identity/access/within';
import { endMembership } from './end-membership';
import { getMemberOrThrow } from './internal';

/** Takes a member out of the organization, from the next request on. Nobody removes somebody with a higher role. */
export async function removeMember(ctx: Ctx, organization: string, member: string): Promise<void> {
  await within(ctx, { organization }, 'member:manage', async (tx, { organizationId }) => {
    const own = await holdMembers(ctx, tx, organizationId, 'member:manage');
    const leaving = await getMemberOrThrow(tx, organizationId, member);
    demandGrantable(own, leaving.role);
    await endMembership(ctx, tx, organizationId, leaving, 'member.removed');
  });
}
