import { rightsMap, rightsOf, type Right, type Role } from '@/lib/identity/access/policy';
import { reservedSlugs } from '@/lib/paths';
import { OrganizationView } from './schemas';

export interface OrganizationRow {
  id: string;
  public_id: string;
  name: string;
  slug: string;
  subdomain: string | null;
  status: string;
  subscription_tier: string;
  created_at: Date;
}

export const organizationColumns = 'o.id, o.public_id, o.name, o.slug, o.subdomain, o.status, o.subscription_tier, o.created_at';

/** `held` differs from the role's rights for an API key, which has no role. */
export function toOrganizationView(
  row: OrganizationRow,
  role: Role | null,
  held: ReadonlySet<Right> = role === null ? new Set() : rightsOf[role],
): OrganizationView {
  return OrganizationView.parse({
    id: row.public_id,
    name: row.name,
    slug: row.slug,
    subdomain: row.subdomain,
    status: row.status,
    subscription_tier: row.subscription_tier,
    created_at: row.created_at.toISOString(),
    role,
    rights: rightsMap(held),
  });
}

/** Words of an address made from a name: `Café Zürich` becomes `cafe-zurich`. */
export function slugFrom(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return words.length >= 3 && !reservedSlugs.has(words) ? words : `${words || 'my'}-organization`;
}
