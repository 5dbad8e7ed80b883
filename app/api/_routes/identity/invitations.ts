import { z } from 'zod';
import { door } from '@/lib/http/door';
import { acceptInvitation } from '@/lib/identity/invitation/accept-invitation';
import { invite } from '@/lib/identity/invitation/invite';
import { listInvitations } from '@/lib/identity/invitation/list-invitations';
import { lookupInvitation } from '@/lib/identity/invitation/lookup-invitation';
import { resendInvitation } from '@/lib/identity/invitation/resend-invitation';
import { revokeInvitation } from '@/lib/identity/invitation/revoke-invitation';
import { AcceptedInvitation, InvitationPreview, InvitationToken, InvitationView, Invite, ListInvitations } from '@/lib/identity/invitation/schemas';

export const invitationDoors = [
  door({
    method: 'get', path: '/organizations/{organization}/invitations', tag: 'Invitations', query: ListInvitations, status: 200,
    returns: z.object({ data: z.array(InvitationView), next_cursor: z.string().nullable() }),
    summary: 'The open invitations of an organization',
    run: (ctx, { params, query }) => listInvitations(ctx, params.organization, query),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/invitations', tag: 'Invitations', body: Invite, status: 201, returns: InvitationView,
    summary: 'Invite somebody by e-mail',
    run: (ctx, { params, body }) => invite(ctx, params.organization, body),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/invitations/{invitation}/resend', tag: 'Invitations', status: 200, returns: InvitationView,
    summary: 'Send the letter again with a new link; the old link dies',
    run: (ctx, { params }) => resendInvitation(ctx, params.organization, params.invitation),
  }),
  door({
    method: 'delete', path: '/organizations/{organization}/invitations/{invitation}', tag: 'Invitations', status: 204, returns: null,
    summary: 'Revoke an invitation',
    run: (ctx, { params }) => revokeInvitation(ctx, params.organization, params.invitation),
  }),
  door({
    method: 'post', path: '/invitations/lookup', tag: 'Invitations', open: true, body: InvitationToken, status: 200, returns: InvitationPreview,
    summary: 'What an invitation says, by the token of its letter',
    run: (ctx, { body }) => lookupInvitation(ctx, body),
  }),
  door({
    method: 'post', path: '/invitations/accept', tag: 'Invitations', body: InvitationToken, status: 200, returns: AcceptedInvitation,
    summary: 'Accept an invitation as the person it was sent to',
    run: (ctx, { body }) => acceptInvitation(ctx, body),
  }),
];
