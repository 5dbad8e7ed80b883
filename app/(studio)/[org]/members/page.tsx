import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { grantable } from '@/lib/identity/access/policy';
import { listInvitations } from '@/lib/identity/invitation/list-invitations';
import { listMembers } from '@/lib/identity/member/list-members';
import { getProfile } from '@/lib/identity/user/profile';
import { MembersView } from './_components/members-view';

export const metadata: Metadata = { title: 'Members' };

export default async function MembersPage({ params }: { params: Promise<{ org: string }> }) {
  const [ctx, organization] = await Promise.all([pageContext(), pageOrganization((await params).org)]);
  const [members, invitations, profile] = await orRefuse(
    Promise.all([listMembers(ctx, organization.id, { limit: 100 }), listInvitations(ctx, organization.id, { limit: 100 }), getProfile(ctx)]),
  );
  return (
    <MembersView
      organization={{ id: organization.id, name: organization.name }}
      me={profile.id}
      mayManage={organization.rights['member:manage']}
      grantable={organization.role === null ? [] : grantable[organization.role]}
      members={members}
      invitations={invitations}
    />
  );
}
