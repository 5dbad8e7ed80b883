import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { lastUuid, readCursor, toPage, uuidCursor, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { isOpen, selectInvitations, toInvitationView, type InvitationRow } from './internal';
import { ListInvitations, type InvitationView } from './schemas';

/** Invitations that nobody has accepted or revoked, newest first; expired ones are among them. */
export async function listInvitations(ctx: Ctx, organization: string, raw: unknown = {}): Promise<Page<InvitationView>> {
  return within(ctx, { organization }, 'member:read', async (tx, { organizationId }) => {
    const { limit, cursor } = parseInput(ListInvitations, raw);
    const rows = await tx.query<InvitationRow>(
      `${selectInvitations} where i.organization_id = $1 and ${isOpen} and i.id < $2 order by i.id desc limit $3`,
      [organizationId, readCursor(cursor) ?? lastUuid, limit + 1],
    );
    return toPage(rows, limit, uuidCursor, toInvitationView);
  });
}
