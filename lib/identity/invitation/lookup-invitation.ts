import type { Ctx } from '@/lib/context';
import { parseInput } from '@/lib/kernel/parse';
import { findInvitationOrThrow } from './find-invitation';
import { InvitationPreview, InvitationToken } from './schemas';

/** What the link offers, for whoever holds it, signed in or not. Changes nothing: mail scanners follow links. */
export async function lookupInvitation(ctx: Ctx, raw: unknown): Promise<InvitationPreview> {
  const { token } = parseInput(InvitationToken, raw);
  await ctx.limits.attempt('token', null, ctx.ip);
  const found = await findInvitationOrThrow(ctx, token);
  return InvitationPreview.parse({ ...found, expires_at: found.expires_at.toISOString() });
}
