import { AppwriteError } from '../errors';
import { find, findBy, remove, removeBy, update } from '../documents';
import { page } from '../listing';
import { boolean, customId, email, listOf, password, preferences, text } from '../params';
import { hashPassword } from '../passwords';
import { noContent, reply, route, type Call, type Route } from '../route';
import { memberships, sessions, teams, users, type UserDocument } from '../schema';
import { openSession, toSession } from '../sessions';
import { createUser, toUser } from '../users';
import { toMembership } from './teams';

const ALPHANUMERIC = '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z';
const labels = listOf(
  (label) => /^[0-9A-Za-z]{1,36}$/.test(label),
  `Value must be a valid string and at least 1 chars and no longer than 36 chars and only consist of '${ALPHANUMERIC}' chars`,
  1000,
);
const READ = { scopes: ['users.read'] };
const WRITE = { scopes: ['users.write'] };

export const userRoutes: Route[] = [
  route('GET /v1/users', READ, async (call) => {
    const { total, documents, select } = await page(call.input, { ns: call.ns, collection: users, noun: 'User' });
    return reply(200, { total, users: documents.map((user) => select(toUser(user))) });
  }),
  route('POST /v1/users', WRITE, async (call) => {
    const secret = call.input.optional('password', password, undefined);
    return reply(201, toUser(await createUser(call.ns, {
      id: call.input.required('userId', customId), email: call.input.optional('email', email, ''), phone: call.input.optional('phone', text(16), ''),
      name: call.input.optional('name', text(128, 0), ''), ...(secret === undefined ? {} : { password: secret }),
    })));
  }),
  route('GET /v1/users/:userId', READ, async (call) => reply(200, toUser(await userOrThrow(call)))),
  route('DELETE /v1/users/:userId', WRITE, async (call) => {
    const user = await userOrThrow(call);
    await call.ns.transaction(async (ns) => {
      await removeBy(ns, sessions, { userId: user.$id });
      await removeBy(ns, memberships, { userId: user.$id });
      await remove(ns, users, user.$sequence);
    });
    return noContent();
  }),
  route('PATCH /v1/users/:userId/status', WRITE, (call) => change(call, { status: call.input.required('status', boolean) })),
  route('PATCH /v1/users/:userId/name', WRITE, (call) => change(call, { name: call.input.required('name', text(128, 0)) })),
  route('PATCH /v1/users/:userId/verification', WRITE, (call) => change(call, { emailVerification: call.input.required('emailVerification', boolean) })),
  route('PATCH /v1/users/:userId/password', WRITE, async (call) => {
    return change(call, { password: await hashPassword(call.input.required('password', password)), passwordUpdate: new Date() });
  }),
  route('PUT /v1/users/:userId/labels', WRITE, (call) => change(call, { labels: [...new Set(call.input.required('labels', labels))] })),
  route('GET /v1/users/:userId/prefs', READ, async (call) => reply(200, (await userOrThrow(call)).values.prefs)),
  route('PATCH /v1/users/:userId/prefs', WRITE, async (call) => {
    const prefs = call.input.required('prefs', preferences);
    await change(call, { prefs });
    return reply(200, prefs);
  }),
  route('GET /v1/users/:userId/memberships', READ, async (call) => {
    const user = await userOrThrow(call);
    const joined = await findBy(call.ns, memberships, { userId: user.$id });
    const rows = await Promise.all(joined.map(async (membership) => {
      const team = await find(call.ns, teams, membership.values.teamId);
      return team === undefined ? [] : [toMembership(membership, team, user)];
    }));
    return reply(200, { total: joined.length, memberships: rows.flat() });
  }),
  route('GET /v1/users/:userId/sessions', READ, async (call) => {
    const all = await findBy(call.ns, sessions, { userId: (await userOrThrow(call)).$id });
    return reply(200, { total: all.length, sessions: all.map((session) => toSession(session, false)) });
  }),
  route('POST /v1/users/:userId/sessions', WRITE, async (call) => {
    const { session, cookie } = await openSession(call, await userOrThrow(call), 'server');
    return reply(201, toSession(session, false, cookie));
  }),
  route('DELETE /v1/users/:userId/sessions', WRITE, async (call) => {
    await removeBy(call.ns, sessions, { userId: (await userOrThrow(call)).$id });
    return noContent();
  }),
  route('DELETE /v1/users/:userId/sessions/:sessionId', WRITE, async (call) => {
    const user = await userOrThrow(call);
    const session = await find(call.ns, sessions, call.path('sessionId'));
    if (session?.values.userId !== user.$id) throw new AppwriteError('user_session_not_found');
    await remove(call.ns, sessions, session.$sequence);
    return noContent();
  }),
];

async function userOrThrow(call: Call): Promise<UserDocument> {
  const user = await find(call.ns, users, call.path('userId'));
  if (user === undefined) throw new AppwriteError('user_not_found');
  return user;
}

async function change(call: Call, values: Partial<UserDocument['values']>): Promise<ReturnType<typeof reply>> {
  const user = await userOrThrow(call);
  const changed = await update(call.ns, users, user.$sequence, { values });
  if (changed === undefined) throw new AppwriteError('user_not_found');
  return reply(200, toUser(changed));
}
