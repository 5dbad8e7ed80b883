'use client';

import { useState } from 'react';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { onDemand } from '@/app/_ui/on-demand';
import { usePages } from '@/app/_live/use-pages';
import type { Role } from '@/lib/identity/access/policy';
import type { InvitationView } from '@/lib/identity/invitation/schemas';
import type { MemberOrder, MemberView } from '@/lib/identity/member/schemas';
import type { Page } from '@/lib/kernel/page';
import { MemberTable } from './member-table';

// Below the members, and most often empty.
const InvitationTable = onDemand(async () => (await import('./invitation-table')).InvitationTable);
const InviteDialog = onDemand(async () => (await import('./invite-dialog')).InviteDialog);

export interface MembersAccess {
  organization: { id: string; name: string };
  /** The signed-in person's id. */
  me: string;
  mayManage: boolean;
  /** The roles that this person may give and take away. */
  grantable: readonly Role[];
}

export function MembersView({ members, invitations, ...access }: MembersAccess & { members: Page<MemberView>; invitations: Page<InvitationView> }) {
  const [inviting, setInviting] = useState(false);
  const path = `/organizations/${access.organization.id}`;
  const [sort, setSort] = useState<MemberOrder>('created_at');
  const memberPages = usePages<MemberView>({ path: `${path}/members?limit=100&sort=${sort}`, first: sort === 'created_at' ? members : undefined });
  const invitationPages = usePages<InvitationView>({ path: `${path}/invitations?limit=100`, first: invitations });
  return (
    <PageBody>
      <PageHeader
        title="Members"
        description="Who works here, and what each may do."
        actions={
          <AllowedButton reason={access.mayManage ? undefined : missingRight('member:manage')} kind="primary" icon={<Icon name="user-plus" />} onClick={() => setInviting(true)}>
            Invite member
          </AllowedButton>
        }
      />
      <MemberTable access={access} pages={memberPages} sort={sort} onSort={setSort} />
      <InvitationTable access={access} pages={invitationPages} />
      {inviting && <InviteDialog access={access} onClose={() => setInviting(false)} onSent={() => void invitationPages.reload()} />}
    </PageBody>
  );
}
