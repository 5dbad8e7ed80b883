import { z } from 'zod';
import { roles } from '@/lib/identity/access/policy';
import { roleInput } from '@/lib/identity/member/schemas';
import { pageQuery } from '@/lib/kernel/page';
import { email } from '@/lib/kernel/text';

export const Invite = z.strictObject({ email, role: roleInput });

export const ListInvitations = z.strictObject(pageQuery);

const incomplete = { error: 'The link is not complete. Open it from the e-mail again.' };

export const InvitationToken = z.strictObject({ token: z.string(incomplete).min(20, incomplete).max(100, incomplete) });

export const InvitationView = z.object({
  id: z.string(),
  email: z.string(),
  role: z.enum(roles),
  /** An expired one waits to be sent again or revoked. */
  status: z.enum(['open', 'expired']),
  inviter: z.object({ id: z.string(), name: z.string() }).nullable(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});

export type InvitationView = z.infer<typeof InvitationView>;

/** What somebody who holds the link sees before accepting. */
export const InvitationPreview = z.object({
  organization_name: z.string(),
  email: z.string(),
  role: z.enum(roles),
  inviter: z.string(),
  expires_at: z.iso.datetime(),
  account_exists: z.boolean(),
});

export type InvitationPreview = z.infer<typeof InvitationPreview>;

export const AcceptedInvitation = z.object({
  organization: z.object({ id: z.string(), name: z.string(), slug: z.string() }),
  member_id: z.string(),
  role: z.enum(roles),
});

export type AcceptedInvitation = z.infer<typeof AcceptedInvitation>;
