import { readAsUser } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { Role } from '@/lib/identity/access/policy';
import { AppError } from '@/lib/kernel/errors';
import { organizationColumns, toOrganizationView, type OrganizationRow } from './internal';
import type { OrganizationView } from './schemas';

/** The organizations that the signed-in person belongs to, oldest first, each with the person's rights there. Every page reads it, in one round trip. */
export async function listOrganizations(ctx: Ctx): Promise<OrganizationView[]> {
  const { actor } = ctx;
  if (actor.kind !== 'user') throw new AppError('unauthenticated', 'Sign in to see your organizations.');
  const [rows = []] = await readAsUser(ctx.database, actor.userId, [{ text: memberQuery, values: [actor.userId, actor.organizationId ?? null] }]);
  return rows.map(asMember).map((row) => toOrganizationView(row, row.role));
}

/** Exported for the bench, whose floor runs the same statement. */
export const memberQuery = `
  select ${organizationColumns}, m.role from memberships m join organizations o on o.id = m.organization_id
   where m.user_id = $1 and ($2::uuid is null or o.id = $2) order by m.id`;

type MemberRow = OrganizationRow & { role: Role };

function asMember(row: Record<string, unknown>): MemberRow {
  return row as unknown as MemberRow;
}
