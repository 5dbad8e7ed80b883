import { z } from 'zod';
import { door, Reply } from '@/lib/http/door';
import { setSessionCookie } from '@/lib/http/session-cookie';
import { listSessions, SessionView } from '@/lib/identity/session/list-sessions';
import { revokeOtherSessions, revokeSession } from '@/lib/identity/session/revoke-sessions';
import { changePassword } from '@/lib/identity/user/change-password';
import { getProfile, updateProfile } from '@/lib/identity/user/profile';
import { ChangePassword, UpdateProfile, UserView } from '@/lib/identity/user/schemas';

export const userDoors = [
  door({
    method: 'get', path: '/users/profile', tag: 'Identity', status: 200, returns: UserView,
    summary: 'The signed-in person',
    run: (ctx) => getProfile(ctx),
  }),
  door({
    method: 'patch', path: '/users/profile', tag: 'Identity', body: UpdateProfile, status: 200, returns: UserView,
    summary: 'Change the own name',
    run: (ctx, { body }) => updateProfile(ctx, body),
  }),
  door({
    method: 'post', path: '/users/change-password', tag: 'Identity', body: ChangePassword, sends: 'headers', status: 204, returns: null,
    summary: 'Change the own password; signs every other device out',
    run: async (ctx, { body }) => {
      const session = await changePassword(ctx, body);
      return new Reply(null, { 'set-cookie': setSessionCookie(session.token, ctx.baseUrl) });
    },
  }),
  door({
    method: 'get', path: '/users/sessions', tag: 'Identity', status: 200, returns: z.object({ data: z.array(SessionView), next_cursor: z.null() }),
    summary: 'The own live sessions',
    run: async (ctx) => ({ data: await listSessions(ctx), next_cursor: null }),
  }),
  door({
    method: 'delete', path: '/users/sessions/{session}', tag: 'Identity', status: 204, returns: null,
    summary: 'End one of the own sessions',
    run: (ctx, { params }) => revokeSession(ctx, params.session),
  }),
  door({
    method: 'post', path: '/users/sessions/revoke-others', tag: 'Identity', status: 200, returns: z.object({ revoked: z.number() }),
    summary: 'End every own session but this one',
    run: (ctx) => revokeOtherSessions(ctx),
  }),
];
