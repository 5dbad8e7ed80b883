import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { grantable, type Role } from '@/lib/identity/access/policy';
import { hashToken } from '@/lib/kernel/ids';
import { invitationGone, isOpen } from './internal';

export interface FoundInvitation {
  organization_id: string;
  organization_name: string;
  email: string;
  role: Role;
  inviter: string;
  expires_at: Date;
  account_exists: boolean;
}

/** Finds the invitation behind a link before anybody's organization is known, or throws `gone`. */
export async function findInvitationOrThrow(ctx: Ctx, token: string): Promise<FoundInvitation> {
  const [row] = await asSystem(ctx, 'invitation-lookup', (tx) =>
    tx.query<FoundInvitation & { inviter_role: Role }>(
      `select i.organization_id, o.name as organization_name, i.email, i.role, i.expires_at, m.role as inviter_role,
              u.first_name || ' ' || u.last_name as inviter,
              exists (select from users a where lower(a.email) = lower(i.email) and a.email_verified_at is not null) as account_exists
         from invitations i
         join organizations o on o.id = i.organization_id
         join memberships m on m.organization_id = i.organization_id and m.user_id = i.invited_by
         join users u on u.id = i.invited_by
        where i.token_hash = $1 and ${isOpen} and i.expires_at > now()`,
      [hashToken(token)],
    ),
  );
  if (row === undefined || !grantable[row.inviter_role].includes(row.role)) throw invitationGone();
  return row;
}
