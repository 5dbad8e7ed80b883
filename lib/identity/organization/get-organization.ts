import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { notFound } from '@/lib/kernel/errors';
import { organizationColumns, toOrganizationView, type OrganizationRow } from './internal';
import type { OrganizationView } from './schemas';

/** One organization by its public id, with what the caller may do there. */
export async function getOrganization(ctx: Ctx, organization: string): Promise<OrganizationView> {
  return within(ctx, { organization }, 'organization:read', async (tx, access) => {
    const [row] = await tx.query<OrganizationRow>(`select ${organizationColumns} from organizations o where o.id = $1`, [access.organizationId]);
    if (row === undefined) throw notFound('organization');
    return toOrganizationView(row, access.role, access.rights);
  });
}
