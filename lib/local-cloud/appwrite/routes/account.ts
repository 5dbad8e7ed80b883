import { AppwriteError } from '../errors';
import { countOf, find, findBy, findOneBy, remove, removeBy, update } from '../documents';
import { customId, email, password, preferences, text } from '../params';
import { hashPassword, passwordMatches } from '../passwords';
import { LoginLimit } from '../rate-limit';
import { noContent, reply, route, type Call, type Route } from '../route';
import { sessions, users, type SessionDocument, type UserDocument } from '../schema';
import { forgetSession, openSession, toSession } from '../sessions';
import { createUser, toAccount } from '../users';

const logins = new LoginLimit();
const JWT_SECONDS = 900;

export const accountRoutes: Route[] = [
  route('POST /v1/account', { scopes: ['sessions.write'], limit: 10 }, async (call) => {
    const input = {
      id: call.input.required('userId', customId), email: call.input.required('email', email),
      password: call.input.required('password', password), name: call.input.optional('name', text(128, 0), ''),
    };
    if (call.project === undefined && call.platform.settings.consoleSignUp === 'one' && (await countOf(call.ns, users)) > 0) {
      throw new AppwriteError('user_console_count_exceeded');
    }
    return reply(201, toAccount(await createUser(call.ns, { ...input, accessedAt: new Date() })));
  }),
  route('GET /v1/account', { scopes: ['account'] }, async (call) => reply(200, toAccount(self(call)))),
  route('GET /v1/account/prefs', { scopes: ['account'] }, async (call) => reply(200, self(call).values.prefs)),
  route('PATCH /v1/account/prefs', { scopes: ['account'] }, async (call) => {
    return reply(200, toAccount(await change(call, { prefs: call.input.required('prefs', preferences) })));
  }),
  route('PATCH /v1/account/name', { scopes: ['account'] }, async (call) => {
    return reply(200, toAccount(await change(call, { name: call.input.required('name', text(128, 0)) })));
  }),
  route('PATCH /v1/account/password', { scopes: ['account'], limit: 10 }, async (call) => {
    const next = call.input.required('password', password);
    const old = call.input.optional('oldPassword', password, '');
    if (!(await passwordMatches(self(call).values.password, old))) throw new AppwriteError('user_invalid_credentials');
    return reply(200, toAccount(await change(call, { password: await hashPassword(next), passwordUpdate: new Date() })));
  }),

  route('POST /v1/account/sessions/email', { scopes: ['sessions.write'], limit: 10 }, async (call) => {
    const address = call.input.required('email', email);
    const secret = call.input.required('password', password);
    if (call.actor.kind === 'user') throw new AppwriteError('user_session_already_exists');
    const owner = call.project?.$id ?? 'console';
    logins.check(owner, address);
    const user = await findOneBy(call.ns, users, { email: address });
    if (user === undefined || !(await passwordMatches(user.values.password, secret))) {
      logins.failed(owner, address);
      throw new AppwriteError('user_invalid_credentials');
    }
    if (!user.values.status) throw new AppwriteError('user_blocked');
    logins.succeeded(owner, address);
    return opened(call, user, 'email');
  }),
  route('POST /v1/account/sessions/anonymous', { scopes: ['sessions.write'], limit: 50 }, async (call) => {
    if (call.actor.kind === 'user') throw new AppwriteError('user_session_already_exists');
    const user = await createUser(call.ns, { id: 'unique()', email: '', name: '', accessedAt: new Date() });
    return opened(call, user, 'anonymous');
  }),
  route('GET /v1/account/sessions', { scopes: ['account'] }, async (call) => {
    const all = await findBy(call.ns, sessions, { userId: self(call).$id });
    return reply(200, { total: all.length, sessions: all.map((session) => toSession(session, isCurrent(call, session))) });
  }),
  route('GET /v1/account/sessions/:sessionId', { scopes: ['account'] }, async (call) => {
    const session = await ownSession(call);
    return reply(200, toSession(session, isCurrent(call, session)));
  }),
  route('DELETE /v1/account/sessions', { scopes: ['account'], limit: 100 }, async (call) => {
    await removeBy(call.ns, sessions, { userId: self(call).$id });
    return { ...noContent(), headers: [['content-type', 'text/html'], ...forgetSession(call)] };
  }),
  route('DELETE /v1/account/sessions/:sessionId', { scopes: ['account'], limit: 100 }, async (call) => {
    const session = await ownSession(call);
    await remove(call.ns, sessions, session.$sequence);
    return isCurrent(call, session) ? { ...noContent(), headers: [['content-type', 'text/html'], ...forgetSession(call)] } : noContent();
  }),
  route('POST /v1/account/jwts', { scopes: ['account'], limit: 120 }, async (call) => {
    // A JWT is bound to a session: one made with a JWT would have none.
    if (call.actor.session === undefined) throw new AppwriteError('user_session_not_found');
    const claims = { userId: self(call).$id, sessionId: call.actor.session.$id };
    return reply(201, { jwt: await call.platform.signer.sign(claims, JWT_SECONDS) });
  }),
];

function self(call: Call): UserDocument {
  if (call.actor.user === undefined) throw new AppwriteError('user_unauthorized');
  return call.actor.user;
}

async function change(call: Call, values: Partial<UserDocument['values']>): Promise<UserDocument> {
  const changed = await update(call.ns, users, self(call).$sequence, { values });
  if (changed === undefined) throw new AppwriteError('user_not_found');
  return changed;
}

async function opened(call: Call, user: UserDocument, provider: 'email' | 'anonymous'): Promise<ReturnType<typeof reply>> {
  const { session, cookie, headers } = await openSession(call, user, provider);
  return { status: 201, body: toSession(session, true, call.actor.privileged ? cookie : ''), headers };
}

async function ownSession(call: Call): Promise<SessionDocument> {
  const id = call.path('sessionId');
  const session = id === 'current' ? call.actor.session : await find(call.ns, sessions, id);
  if (session === undefined || session.values.userId !== self(call).$id) throw new AppwriteError('user_session_not_found');
  return session;
}

function isCurrent(call: Call, session: SessionDocument): boolean {
  return call.actor.session?.$sequence === session.$sequence;
}
