import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { countDeployments } from '@/lib/deployments/count-deployments';
import { countMembers } from '@/lib/identity/member/count-members';
import { countProjects } from '@/lib/projects/count-projects';
import { currentPlan } from './plan-limits';
import { counted, UsageView, type Counted } from './schemas';

/** What the organization uses of what its plan allows. */
export async function getUsage(ctx: Ctx, organization: string): Promise<UsageView> {
  return within(ctx, { organization }, 'billing:read', async (tx, { organizationId }) => {
    const { key, name, limits } = await currentPlan(tx, organizationId);
    const items = [];
    for (const what of counted) items.push({ key: what, used: await count[what](tx, organizationId), limit: limits[what] });
    return UsageView.parse({ plan: { key, name }, items });
  });
}

const count: Record<Counted, (tx: TenantTx, organizationId: string) => Promise<number>> = {
  members: countMembers,
  projects: countProjects,
  deployments: countDeployments,
};
