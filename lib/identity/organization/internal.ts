import { rightsMap, rightsOf, type Role } from '@/lib/identity/access/policy';
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

export function toOrganizationView(row: OrganizationRow, role: Role | null): OrganizationView {
  return OrganizationView.parse({
    id: row.public_id,
    name: row.name,
    slug: row.slug,
    subdomain: row.subdomain,
    status: row.status,
    subscription_tier: row.subscription_tier,
    created_at: row.created_at.toISOString(),
    role,
    rights: rightsMap(role === null ? new Set() : rightsOf[role]),
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
  return words.length >= 3 ? words : 'organization';
}
