import { AppwriteError } from '../errors';
import { countOf, DuplicateDocument, find, findOneBy, insert, remove, removeBy, update } from '../documents';
import { isoTime } from '../ids';
import { page, stamp } from '../listing';
import { CUSTOM_ROLE, customId, email, listOf, preferences, text } from '../params';
import { allows, permission, readPermissions, type Action } from '../permissions';
import { noContent, reply, route, type Call, type Route } from '../route';
import { memberships, teams, users, type MembershipDocument, type TeamDocument, type UserDocument } from '../schema';
import { createUser } from '../users';

const roles = listOf(
  (role) => CUSTOM_ROLE.test(role),
  "Parameter must contain at most 81 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char",
);
const READ = { scopes: ['teams.read'] };
const WRITE = { scopes: ['teams.write'] };

export const teamRoutes: Route[] = [
  route('GET /v1/teams', READ, async (call) => {
    const { total, documents, select } = await page(call.input, {
      ns: call.ns, collection: teams, noun: 'Team', ...(call.actor.privileged ? {} : { readable: readPermissions(call.actor) }),
    });
    return reply(200, { total, teams: await Promise.all(documents.map(async (team) => select(await toTeam(call, team)))) });
  }),
  route('POST /v1/teams', WRITE, async (call) => {
    const id = call.input.required('teamId', customId);
    const name = call.input.required('name', text(128));
    const ownerRoles = call.input.optional('roles', roles, ['owner']);
    return reply(201, await toTeam(call, await createTeam(call, id, name, ownerRoles)));
  }),
  route('GET /v1/teams/:teamId', READ, async (call) => reply(200, await toTeam(call, await teamFor(call, 'read')))),
  route('PUT /v1/teams/:teamId', WRITE, async (call) => {
    const team = await teamFor(call, 'update');
    return reply(200, await toTeam(call, await changed(call, team, { name: call.input.required('name', text(128)) })));
  }),
  route('DELETE /v1/teams/:teamId', WRITE, async (call) => {
    const team = await teamFor(call, 'delete');
    await call.ns.transaction(async (ns) => {
      await removeBy(ns, memberships, { teamId: team.$id });
      await remove(ns, teams, team.$sequence);
    });
    return noContent();
  }),
  route('GET /v1/teams/:teamId/prefs', READ, async (call) => reply(200, (await teamFor(call, 'read')).values.prefs)),
  route('PUT /v1/teams/:teamId/prefs', WRITE, async (call) => {
    const team = await teamFor(call, 'update');
    return reply(200, (await changed(call, team, { prefs: call.input.required('prefs', preferences) })).values.prefs);
  }),

  route('GET /v1/teams/:teamId/memberships', READ, async (call) => {
    const team = await teamFor(call, 'read');
    const { total, documents } = await page(call.input, { ns: call.ns, collection: memberships, noun: 'Membership', where: { teamId: team.$id } });
    return reply(200, { total, memberships: await Promise.all(documents.map((membership) => listed(call, team, membership))) });
  }),
  route('POST /v1/teams/:teamId/memberships', { ...WRITE, limit: 10 }, async (call) => reply(201, await addMember(call))),
  route('GET /v1/teams/:teamId/memberships/:membershipId', READ, async (call) => {
    const team = await teamFor(call, 'read');
    const membership = await membershipIn(call, team, 'membership_not_found');
    return reply(200, await listed(call, team, membership));
  }),
  route('PATCH /v1/teams/:teamId/memberships/:membershipId', WRITE, async (call) => {
    const next = call.input.required('roles', roles);
    const team = await teamFor(call, 'read');
    const membership = await membershipIn(call, team, 'membership_not_found');
    if (!call.actor.privileged && !ownsTeam(call, team)) throw new AppwriteError('user_unauthorized', 'User is not allowed to modify roles');
    const updated = await update(call.ns, memberships, membership.$sequence, { values: { roles: next } });
    return reply(200, toMembership(updated ?? membership, team, await find(call.ns, users, membership.values.userId)));
  }),
  route('DELETE /v1/teams/:teamId/memberships/:membershipId', WRITE, async (call) => {
    const team = await teamFor(call, 'read');
    const membership = await membershipIn(call, team, 'team_invite_not_found');
    const own = membership.values.userId === call.actor.user?.$id;
    if (!call.actor.privileged && !own && !ownsTeam(call, team)) throw new AppwriteError('user_unauthorized');
    await remove(call.ns, memberships, membership.$sequence);
    return noContent();
  }),
];

export function toMembership(membership: MembershipDocument, team: TeamDocument, user: UserDocument | undefined, seen: 'all' | 'roles' = 'all'): Record<string, unknown> {
  const { values } = membership;
  const shown = seen === 'all' ? user : undefined;
  return {
    ...stamp(membership),
    userId: seen === 'all' ? values.userId : '', userName: shown?.values.name ?? '', userEmail: shown?.values.email ?? '', userPhone: shown?.values.phone ?? '',
    teamId: team.$id, teamName: team.values.name, invited: isoTime(values.invited), joined: isoTime(values.joined), confirm: values.confirm,
    mfa: shown?.values.mfa ?? false, userAccessedAt: '', roles: values.roles,
  };
}

async function toTeam(call: Call, team: TeamDocument): Promise<Record<string, unknown>> {
  return { ...stamp(team), name: team.values.name, total: await countOf(call.ns, memberships, { teamId: team.$id }), prefs: team.values.prefs };
}

async function createTeam(call: Call, id: string, name: string, ownerRoles: string[]): Promise<TeamDocument> {
  try {
    return await call.ns.transaction(async (ns) => {
      const team = await insert(ns, teams, { id, values: { name } });
      const permissions = [permission('read', `team:${team.$id}`), permission('update', `team:${team.$id}/owner`), permission('delete', `team:${team.$id}/owner`)];
      const owned = await update(ns, teams, team.$sequence, { permissions, updatedAt: team.$updatedAt });
      if (call.actor.user !== undefined) await join({ ...call, ns }, team, call.actor.user, ownerRoles);
      return owned ?? team;
    });
  } catch (error) {
    throw error instanceof DuplicateDocument ? new AppwriteError('team_already_exists') : error;
  }
}

function join(call: Pick<Call, 'ns'>, team: TeamDocument, user: UserDocument, memberRoles: string[]): Promise<MembershipDocument> {
  const now = new Date();
  return insert(call.ns, memberships, {
    id: 'unique()',
    permissions: [permission('read', `user:${user.$id}`), permission('read', `team:${team.$id}`)],
    values: { userId: user.$id, teamId: team.$id, roles: memberRoles, invited: now, joined: now, confirm: true },
  });
}

/** Keys add people at once; anyone else would send an invitation by mail, and there is no mail here. */
async function addMember(call: Call): Promise<Record<string, unknown>> {
  const memberRoles = call.input.required('roles', roles);
  const userId = call.input.optional('userId', customId, '');
  const address = call.input.optional('email', email, '');
  const name = call.input.optional('name', text(128, 0), '');
  if (userId === '' && address === '' && call.input.raw('phone') === undefined) {
    throw new AppwriteError('general_argument_invalid', 'At least one of userId, email, or phone is required');
  }
  if (!call.actor.privileged) throw new AppwriteError('general_smtp_disabled');
  const team = await teamFor(call, 'read');
  const known = userId === '' ? await findOneBy(call.ns, users, { email: address }) : await find(call.ns, users, userId);
  if (known === undefined && userId !== '') throw new AppwriteError('user_not_found', "User with given userId doesn't exist.");
  const user = known ?? await createUser(call.ns, { id: 'unique()', email: address, name });
  try {
    return toMembership(await join(call, team, user, memberRoles), team, user);
  } catch (error) {
    throw error instanceof DuplicateDocument ? new AppwriteError('membership_already_confirmed') : error;
  }
}

async function teamFor(call: Call, action: Action): Promise<TeamDocument> {
  const team = await find(call.ns, teams, call.path('teamId'));
  if (team === undefined || !allows(call.actor, 'read', team.$permissions)) throw new AppwriteError('team_not_found');
  if (!allows(call.actor, action, team.$permissions)) throw new AppwriteError('user_unauthorized');
  return team;
}

async function membershipIn(call: Call, team: TeamDocument, missing: 'membership_not_found' | 'team_invite_not_found'): Promise<MembershipDocument> {
  const membership = await find(call.ns, memberships, call.path('membershipId'));
  if (membership === undefined) throw new AppwriteError(missing);
  if (membership.values.teamId !== team.$id) throw new AppwriteError('team_membership_mismatch');
  return membership;
}

/** Members of a project's team see roles but not people; organizations of the console are open to their members. */
async function listed(call: Call, team: TeamDocument, membership: MembershipDocument): Promise<Record<string, unknown>> {
  const open = call.actor.privileged || call.project === undefined;
  const user = await find(call.ns, users, membership.values.userId);
  const shown = toMembership(membership, team, user, open ? 'all' : 'roles');
  return open ? { ...shown, userAccessedAt: isoTime(user?.values.accessedAt ?? null) } : shown;
}

function ownsTeam(call: Call, team: TeamDocument): boolean {
  return call.actor.roles.includes(`team:${team.$id}/owner`);
}

async function changed(call: Call, team: TeamDocument, values: Partial<TeamDocument['values']>): Promise<TeamDocument> {
  const after = await update(call.ns, teams, team.$sequence, { values });
  if (after === undefined) throw new AppwriteError('team_not_found');
  return after;
}
