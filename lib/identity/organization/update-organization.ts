import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { notFound } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { changesBetween } from '@/lib/trust/audit/changes';
import { audit } from '@/lib/trust/audit/record';
import { organizationColumns, toOrganizationView, type OrganizationRow } from './internal';
import { UpdateOrganization, type OrganizationView } from './schemas';

/** Changes name, address or subdomain; what is not named stays. */
export async function updateOrganization(ctx: Ctx, organization: string, raw: unknown): Promise<OrganizationView> {
  return within(ctx, { organization }, 'organization:update', async (tx, access) => {
    const input = parseInput(UpdateOrganization, raw);
    const [before] = await tx.query<OrganizationRow>(`select ${organizationColumns} from organizations o where o.id = $1 for update`, [access.organizationId]);
    if (before === undefined) throw notFound('organization');
    const subdomain = input.subdomain === undefined ? before.subdomain : input.subdomain;
    const [after] = await tx.query<OrganizationRow>(
      `update organizations o set name = $2, slug = $3, subdomain = $4, updated_at = now() where o.id = $1 returning ${organizationColumns}`,
      [access.organizationId, input.name ?? before.name, input.slug ?? before.slug, subdomain],
    );
    if (after === undefined) throw notFound('organization');
    await audit(ctx, tx, {
      organizationId: access.organizationId,
      action: 'organization.updated',
      target: { kind: 'organization', id: after.public_id, name: after.name },
      changes: changesBetween(before, after, ['name', 'slug', 'subdomain']),
    });
    return toOrganizationView(after, access.role);
  });
}
