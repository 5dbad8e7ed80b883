import { z } from 'zod';
import { door, Reply } from '@/lib/http/door';
import { clearSessionCookie, registrationToken, sessionToken, setRegistrationCookie, setSessionCookie } from '@/lib/http/session-cookie';
import type { Ctx } from '@/lib/context';
import { CallerView, describeCaller } from '@/lib/identity/session/describe-caller';
import { accessTokenSeconds, issueAccessToken } from '@/lib/identity/session/access-token';
import { signOut } from '@/lib/identity/session/revoke-sessions';
import { signIn, type SignedIn } from '@/lib/identity/session/sign-in';
import { stepUp } from '@/lib/identity/session/step-up';
import { register } from '@/lib/identity/user/register';
import { forgotPassword, resetPassword } from '@/lib/identity/user/reset-password';
import { EmailOnly, Login, Register, ResetPassword, StepUp, UserView, VerifyEmail } from '@/lib/identity/user/schemas';
import { resendVerification, verifyEmail } from '@/lib/identity/user/verify-email';

const SignedInView = z.object({ user: UserView, access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.number() });

/** Well above what any of these takes, a password hash included. */
const floorMs = 200;

async function signedIn(ctx: Ctx, { user, session, organization }: SignedIn): Promise<Reply> {
  const token = await issueAccessToken(ctx, { user: user.id, session: session.publicId, organization });
  const body = SignedInView.parse({ user, access_token: token, token_type: 'Bearer', expires_in: accessTokenSeconds });
  return new Reply(body, { 'set-cookie': setSessionCookie(session.token, ctx.baseUrl) });
}

export const authDoors = [
  door({
    method: 'post', path: '/auth/register', tag: 'Identity', open: true, floorMs, body: Register, sends: 'headers', status: 202, returns: null,
    summary: 'Register an account; a letter with a confirmation link follows',
    async run(ctx, { body }) {
      const { browserToken } = await register(ctx, body);
      return new Reply(null, { 'set-cookie': setRegistrationCookie(browserToken, ctx.baseUrl) });
    },
  }),
  door({
    method: 'post', path: '/auth/verify-email', tag: 'Identity', open: true, body: VerifyEmail, sends: 'headers', status: 200, returns: SignedInView,
    summary: 'Confirm an e-mail address by the token of the letter; opens a session',
    run: async (ctx, { body, cookies }) => signedIn(ctx, await verifyEmail(ctx, body, { browserToken: registrationToken(cookies, ctx.baseUrl) })),
  }),
  door({
    method: 'post', path: '/auth/resend-verification', tag: 'Identity', open: true, floorMs, body: EmailOnly, status: 202, returns: null,
    summary: 'Send the confirmation letter again',
    run: (ctx, { body }) => resendVerification(ctx, body),
  }),
  door({
    method: 'post', path: '/auth/login', tag: 'Identity', open: true, floorMs, body: Login, sends: 'headers', status: 200, returns: SignedInView,
    summary: 'Sign in: sets the session cookie and answers an access token of ten minutes',
    run: async (ctx, { body }) => signedIn(ctx, await signIn(ctx, body)),
  }),
  door({
    method: 'post', path: '/auth/logout', tag: 'Identity', sends: 'headers', status: 204, returns: null,
    summary: 'Sign out: ends the session of this request',
    run: async (ctx) => {
      await signOut(ctx);
      return new Reply(null, { 'set-cookie': clearSessionCookie(ctx.baseUrl) });
    },
  }),
  door({
    method: 'get', path: '/auth/session', tag: 'Identity', status: 200, returns: CallerView,
    summary: 'Whether the session, access token or API key of this request stands, and whose it is',
    run: (ctx) => Promise.resolve(describeCaller(ctx)),
  }),
  door({
    method: 'post', path: '/auth/forgot-password', tag: 'Identity', open: true, floorMs, body: EmailOnly, status: 202, returns: null,
    summary: 'Ask for a letter with a link to set a new password',
    run: (ctx, { body }) => forgotPassword(ctx, body),
  }),
  door({
    method: 'post', path: '/auth/reset-password', tag: 'Identity', open: true, body: ResetPassword, status: 204, returns: null,
    summary: 'Set a new password by the token of the letter; signs every device out',
    run: (ctx, { body }) => resetPassword(ctx, body),
  }),
  door({
    method: 'post', path: '/auth/step-up', tag: 'Identity', body: StepUp, sends: 'headers', status: 204, returns: null,
    summary: 'Give the password again; opens exports of secrets for five minutes',
    run: async (ctx, { body, cookies }) => {
      const token = await stepUp(ctx, body, { token: sessionToken(cookies, ctx.baseUrl) ?? null });
      return new Reply(null, token === null ? {} : { 'set-cookie': setSessionCookie(token, ctx.baseUrl) });
    },
  }),
];

