'use client';

import { BulkBar } from '@/app/(studio)/_components/dialogs';
import { roleWords } from '@/app/(studio)/_components/roles';
import { useAct } from '@/app/_forms/use-act';
import type { Pages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { Badge } from '@/app/_ui/badge';
import { MoreRows } from '@/app/_ui/more-rows';
import { notify } from '@/app/_ui/notify';
import { RelativeTime } from '@/app/_ui/relative-time';
import { RowMenu } from '@/app/_ui/row-menu';
import { SelectCell, SelectHead, useSelection } from '@/app/_ui/selection';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { apiDelete, apiPost } from '@/lib/http/client';
import type { InvitationView } from '@/lib/identity/invitation/schemas';
import type { MembersAccess } from './members-view';

/** Invitations that nobody has accepted yet; nothing at all when there are none. */
export function InvitationTable({ access, pages }: { access: MembersAccess; pages: Pages<InvitationView> }) {
  const selection = useSelection(access.mayManage ? pages.rows.map(({ id }) => id) : []);
  if (pages.rows.length === 0) return null;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-lg">Invitations</h2>
      <Table label="Invitations">
        <HeadRow>
          {selection.possible > 0 && <SelectHead selection={selection} label="Select all invitations" />}
          <HeadCell>E-mail address</HeadCell>
          <HeadCell>Role</HeadCell>
          <HeadCell className="hidden @2xl:table-cell">Invited by</HeadCell>
          <HeadCell className="hidden @lg:table-cell">Ends</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </HeadRow>
        <tbody>
          {pages.rows.map((invitation) => (
            <tr key={invitation.id}>
              {selection.possible > 0 && <SelectCell selection={selection} id={invitation.id} label={`Select ${invitation.email}`} />}
              <td className="max-w-0 min-w-36 truncate font-medium @lg:w-2/5">{invitation.email}</td>
              <td>{roleWords[invitation.role].name}</td>
              <td className="hidden max-w-48 truncate text-muted @2xl:table-cell">{invitation.inviter?.name ?? 'Somebody who left'}</td>
              <td className="hidden whitespace-nowrap text-muted @lg:table-cell">
                {invitation.status === 'expired' ? <Badge tone="warn">Expired</Badge> : <RelativeTime at={invitation.expires_at} />}
              </td>
              <td className="w-12 pl-0 text-right">
                <InvitationMenu invitation={invitation} access={access} onChanged={pages.reload} />
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      <MoreRows more={pages.more} busy={pages.loading} onMore={pages.loadMore} />
      {selection.begun && (
        <BulkBar
          selection={selection}
          verb="Revoke"
          noun={['invitation', 'invitations']}
          nameOf={(id) => pages.rows.find((each) => each.id === id)?.email ?? id}
          act={(id) => apiDelete(`/organizations/${access.organization.id}/invitations/${id}`)}
          onChanged={pages.reload}
        >
          The link in the letter stops working at once. Whoever had it can be invited again.
        </BulkBar>
      )}
    </section>
  );
}

function InvitationMenu({ invitation, access, onChanged }: { invitation: InvitationView; access: MembersAccess; onChanged: () => Promise<unknown> }) {
  const { act } = useAct();
  const path = `/organizations/${access.organization.id}/invitations`;
  const refusal = access.mayManage ? undefined : missingRight('member:manage');
  const resend = () =>
    act(async () => {
      await apiPost(`${path}/${invitation.id}/resend`);
      await onChanged();
      notify('success', { title: 'Invitation sent again', description: 'The link of the earlier letter no longer works.' });
    });
  const revoke = () =>
    act(async () => {
      await apiDelete(`${path}/${invitation.id}`);
      await onChanged();
      notify('success', {
        title: 'Invitation revoked',
        action: {
          label: 'Invite again',
          run: () =>
            act(async () => {
              await apiPost(path, { email: invitation.email, role: invitation.role });
              await onChanged();
            }),
        },
      });
    });
  return (
    <RowMenu
      label={`Actions for ${invitation.email}`}
      actions={[
        { icon: 'send', words: 'Send again', refusal, onSelect: resend },
        { icon: 'trash-2', words: 'Revoke', danger: true, refusal, onSelect: revoke },
      ]}
    />
  );
}
