import type { TenantTx } from '@/db/platform/client';
import type { Role } from '@/lib/identity/access/policy';
import { AppError, notFound } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { MemberView } from './schemas';

export interface MemberRow {
  id: string;
  public_id: string;
  role: Role;
  created_at: Date;
  user_id: string;
  user_public_id: string;
  email: string;
  first_name: string;
  last_name: string;
}

/** Of a membership `m` and its user `u`. */
export const memberColumns = `m.id, m.public_id, m.role, m.created_at, m.user_id,
    u.public_id as user_public_id, u.email, u.first_name, u.last_name`;

export const selectMembers = `select ${memberColumns} from memberships m join users u on u.id = m.user_id`;

export function toMemberView(row: MemberRow): MemberView {
  return MemberView.parse({
    id: row.public_id,
    user: { id: row.user_public_id, email: row.email, first_name: row.first_name, last_name: row.last_name },
    role: row.role,
    created_at: row.created_at.toISOString(),
  });
}

export async function getMemberOrThrow(tx: TenantTx, organizationId: string, member: string): Promise<MemberRow> {
  if (!publicIdPattern('membership').test(member)) throw notFound('member');
  const [row] = await tx.query<MemberRow>(`${selectMembers} where m.organization_id = $1 and m.public_id = $2`, [organizationId, member]);
  if (row === undefined) throw notFound('member');
  return row;
}

/** Refuses to take the last owner away. Holds only under the lock of `holdMembers`. */
export async function keepAnOwner(tx: TenantTx, organizationId: string, leaving: MemberRow): Promise<void> {
  if (leaving.role !== 'owner') return;
  const others = await tx.query(`select from memberships where organization_id = $1 and role = 'owner' and id <> $2 limit 1`, [organizationId, leaving.id]);
  if (others.length === 0) throw new AppError('conflict', 'The organization needs an owner. Make somebody else an owner first.');
}
