'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { isRole, roleWords } from '@/app/(studio)/_components/roles';
import { useAct } from '@/app/_forms/use-act';
import type { Pages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { Select } from '@/app/_ui/select';
import { MoreRows } from '@/app/_ui/more-rows';
import { notify } from '@/app/_ui/notify';
import { RelativeTime } from '@/app/_ui/relative-time';
import { RowMenu } from '@/app/_ui/row-menu';
import { SortCell } from '@/app/_ui/sort';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { Tooltip } from '@/app/_ui/tooltip';
import { apiDelete, apiPatch, apiPost } from '@/lib/http/client';
import type { MemberOrder, MemberView } from '@/lib/identity/member/schemas';
import type { MembersAccess } from './members-view';

interface MemberTableProps {
  access: MembersAccess;
  pages: Pages<MemberView>;
  sort: MemberOrder;
  onSort: (sort: MemberOrder) => void;
}

export function MemberTable({ access, pages, sort, onSort }: MemberTableProps) {
  return (
    <>
      <Table label="Members">
        <HeadRow>
          <SortCell field="name" sort={sort} onSort={onSort}>
            Name
          </SortCell>
          <HeadCell className="hidden @2xl:table-cell">E-mail address</HeadCell>
          <SortCell field="role" sort={sort} onSort={onSort}>
            Role
          </SortCell>
          <SortCell field="created_at" sort={sort} onSort={onSort} align="end" className="hidden @lg:table-cell">
            Joined
          </SortCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </HeadRow>
        <tbody>
          {pages.rows.map((member) => (
            <MemberRow key={member.id} member={member} access={access} onChanged={pages.reload} />
          ))}
        </tbody>
      </Table>
      <MoreRows more={pages.more} busy={pages.loading} onMore={pages.loadMore} />
    </>
  );
}

function MemberRow({ member, access, onChanged }: { member: MemberView; access: MembersAccess; onChanged: () => Promise<unknown> }) {
  const name = `${member.user.first_name} ${member.user.last_name}`;
  const isMe = member.user.id === access.me;
  const refusal = !access.mayManage ? missingRight('member:manage') : access.grantable.includes(member.role) ? undefined : `Only an owner can change an ${member.role}.`;
  return (
    <tr>
      <td className="max-w-0 min-w-36 @lg:w-2/5">
        <span className="block truncate font-medium">
          {name}
          {isMe && <span className="font-normal text-muted"> (you)</span>}
        </span>
        <span className="block truncate text-sm text-muted @2xl:hidden">{member.user.email}</span>
      </td>
      <td className="hidden max-w-64 truncate text-muted @2xl:table-cell">{member.user.email}</td>
      <td className="min-w-40">
        <RoleSelect member={member} name={name} access={access} refusal={refusal} onChanged={onChanged} />
      </td>
      <td className="hidden text-right whitespace-nowrap text-muted @lg:table-cell">
        <RelativeTime at={member.created_at} />
      </td>
      <td className="w-12 pl-0 text-right">
        <MemberMenu member={member} name={name} isMe={isMe} access={access} refusal={refusal} onChanged={onChanged} />
      </td>
    </tr>
  );
}

interface MemberPartProps {
  member: MemberView;
  name: string;
  access: MembersAccess;
  refusal: string | undefined;
  onChanged: () => Promise<unknown>;
}

/** Changes at once and back again when the server refuses; the toast offers to undo. */
function RoleSelect({ member, name, access, refusal, onChanged }: MemberPartProps) {
  const [shown, setShown] = useState<MemberView['role'] | null>(null);
  const { act } = useAct();
  if (refusal !== undefined) {
    return (
      <Tooltip text={refusal}>
        <span tabIndex={0} className="rounded-control px-1 text-muted">
          {roleWords[member.role].name}
        </span>
      </Tooltip>
    );
  }
  const give = (role: MemberView['role'], undo: boolean) => {
    setShown(role);
    act(async () => {
      try {
        await apiPatch(`/organizations/${access.organization.id}/members/${member.id}`, { role });
        await onChanged();
        notify('success', {
          title: `${name} is now ${roleWords[role].name.toLowerCase()}`,
          ...(undo ? { action: { label: 'Undo', run: () => give(member.role, false) } } : {}),
        });
      } finally {
        setShown(null);
      }
    });
  };
  return (
    <Select
      aria-label={`Role of ${name}`}
      value={shown ?? member.role}
      onChange={(event) => {
        if (isRole(event.target.value)) give(event.target.value, true);
      }}
    >
      {access.grantable.map((role) => (
        <option key={role} value={role} title={roleWords[role].help}>
          {roleWords[role].name}
        </option>
      ))}
    </Select>
  );
}

function MemberMenu({ member, name, isMe, access, refusal, onChanged }: MemberPartProps & { isMe: boolean }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const { organization } = access;
  const remove = async () => {
    if (isMe) {
      await apiPost(`/organizations/${organization.id}/leave`);
      router.push('/');
      router.refresh();
    } else {
      await apiDelete(`/organizations/${organization.id}/members/${member.id}`);
      await onChanged();
      notify('success', { title: `${name} was removed` });
    }
  };
  return (
    <>
      <RowMenu
        label={`Actions for ${name}`}
        actions={[
          isMe
            ? { icon: 'log-out', words: 'Leave organization', danger: true, onSelect: () => setAsking(true) }
            : { icon: 'user-minus', words: 'Remove from organization', danger: true, refusal, onSelect: () => setAsking(true) },
        ]}
      />
      {asking && (
        <ConfirmDialog title={isMe ? `Leave ${organization.name}` : `Remove ${name}`} action={isMe ? 'Leave' : 'Remove member'} onClose={() => setAsking(false)} onConfirm={remove}>
          <p>
            {isMe ? 'You lose' : `${name} loses`} access to every project here at once, and open invitations that {isMe ? 'you' : 'they'} sent end. What was made stays. A new invitation brings {isMe ? 'you' : 'them'} back.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
