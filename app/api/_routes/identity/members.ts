import { z } from 'zod';
import { door } from '@/lib/http/door';
import { changeRole } from '@/lib/identity/member/change-role';
import { leaveOrganization } from '@/lib/identity/member/leave-organization';
import { listMembers } from '@/lib/identity/member/list-members';
import { removeMember } from '@/lib/identity/member/remove-member';
import { ChangeRole, ListMembers, MemberView } from '@/lib/identity/member/schemas';

export const memberDoors = [
  door({
    method: 'get', path: '/organizations/{organization}/members', tag: 'Members', query: ListMembers, status: 200,
    returns: z.object({ data: z.array(MemberView), next_cursor: z.string().nullable() }),
    summary: 'The members of an organization',
    run: (ctx, { params, query }) => listMembers(ctx, params.organization, query),
  }),
  door({
    method: 'patch', path: '/organizations/{organization}/members/{member}', tag: 'Members', body: ChangeRole, status: 200, returns: MemberView,
    summary: 'Change the role of a member',
    run: (ctx, { params, body }) => changeRole(ctx, params.organization, params.member, body),
  }),
  door({
    method: 'delete', path: '/organizations/{organization}/members/{member}', tag: 'Members', status: 204, returns: null,
    summary: 'Remove a member',
    run: (ctx, { params }) => removeMember(ctx, params.organization, params.member),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/leave', tag: 'Members', status: 204, returns: null,
    summary: 'Leave an organization',
    run: (ctx, { params }) => leaveOrganization(ctx, params.organization),
  }),
];
