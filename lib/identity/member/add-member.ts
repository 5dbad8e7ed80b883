import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Role } from '@/lib/identity/access/policy';
import { newPublicId } from '@/lib/kernel/ids';

interface NewMember {
  organizationId: string;
  userId: string;
  role: Role;
  invitedBy: string;
}

/** Inserts a membership in the caller's transaction and answers its public id. A second one is a `conflict`. */
export async function addMember(tx: TenantTx, { organizationId, userId, role, invitedBy }: NewMember): Promise<string> {
  const publicId = newPublicId('membership');
  await tx.query('insert into memberships (organization_id, public_id, user_id, role, invited_by) values ($1, $2, $3, $4, $5)', [
    organizationId,
    publicId,
    userId,
    role,
    invitedBy,
  ]);
  await notify(tx, { kind: 'access', actor_id: userId });
  await notify(tx, { kind: 'organization', organization_id: organizationId });
  return publicId;
}
