import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { Role } from '@/lib/identity/access/policy';
import { queueMail } from '@/lib/identity/mail/queue-mail';
import { letter } from '@/lib/identity/mail/templates';
import { AppError, notFound } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { linkWithToken, paths } from '@/lib/paths';
import { InvitationView } from './schemas';

export const validDays = 7;

/** Neither accepted nor revoked; may be past its time. */
export const isOpen = 'i.accepted_at is null and i.revoked_at is null';

export interface InvitationRow {
  id: string;
  public_id: string;
  email: string;
  role: Role;
  created_at: Date;
  expires_at: Date;
  expired: boolean;
  inviter_id: string | null;
  inviter_name: string | null;
}

export const selectInvitations = `select i.id, i.public_id, i.email, i.role, i.created_at, i.expires_at, i.expires_at <= now() as expired,
    u.public_id as inviter_id, u.first_name || ' ' || u.last_name as inviter_name
  from invitations i left join users u on u.id = i.invited_by`;

export function toInvitationView(row: InvitationRow): InvitationView {
  return InvitationView.parse({
    id: row.public_id,
    email: row.email,
    role: row.role,
    status: row.expired ? 'expired' : 'open',
    inviter: row.inviter_id === null ? null : { id: row.inviter_id, name: row.inviter_name },
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  });
}

export async function getOpenInvitationOrThrow(tx: TenantTx, organizationId: string, invitation: string): Promise<InvitationRow> {
  if (!publicIdPattern('invitation').test(invitation)) throw notFound('open invitation');
  const [row] = await tx.query<InvitationRow>(`${selectInvitations} where i.organization_id = $1 and i.public_id = $2 and ${isOpen}`, [organizationId, invitation]);
  if (row === undefined) throw notFound('open invitation');
  return row;
}

/** One answer for unknown, used, revoked and expired links: a guess learns nothing from the difference. */
export function invitationGone(): AppError {
  return new AppError('gone', 'This invitation is no longer valid. Ask whoever invited you to send it again.');
}

interface Letter {
  to: string;
  role: Role;
  organizationId: string;
  inviterName: string;
  token: string;
}

export async function mailInvitation(ctx: Ctx, tx: TenantTx, { to, role, organizationId, inviterName, token }: Letter): Promise<void> {
  const [organization] = await tx.query<{ name: string }>('select name from organizations where id = $1', [organizationId]);
  if (organization === undefined) throw notFound('organization');
  await queueMail(
    ctx,
    tx,
    letter({
      to,
      subject: `${inviterName} invites you to ${organization.name}`,
      greeting: 'Hello,',
      paragraphs: [`${inviterName} invites you to join ${organization.name} on Studio as ${role}. The link works once, for this address, and for ${validDays} days.`],
      button: { label: 'See the invitation', url: linkWithToken(ctx.baseUrl, paths.invitation, token) },
      after: 'If you do not know the sender, you can leave this message unanswered: nothing happens.',
    }),
  );
}
