import { issueAccessToken } from '@/lib/identity/session/access-token';
import { newApiKeyToken } from '@/lib/identity/api-key/token';
import { apiKeyScopes, roles, type Right, type Role } from '@/lib/identity/access/policy';
import { hashToken, newPublicId, newUuid } from '@/lib/kernel/ids';
import { cookieName } from '@/lib/http/session-cookie';
import type { TestDeployments } from '../../deployments/support/studio';
import type { Person } from '../../support/context';
import type { Side } from './organization';

/** Who asks, and what that makes of them in the organization that is asked for. */
export interface Actor {
  name: string;
  headers: Record<string, string>;
  /**
   * `nobody` has no credential that stands, `outside` has one of elsewhere; `inside` holds the rights of a role, of the
   * scopes of a key, or both.
   */
  standing: 'nobody' | 'outside' | 'inside';
  /** Belongs to the organization as a person, whatever the credential of the moment reaches. */
  member: boolean;
  role: Role | null;
  scopes: readonly Right[] | null;
}

export interface Cast {
  /** All of them, at the organization of the victim. */
  all: Actor[];
  owner: Actor;
  byRole: ReadonlyMap<Role, Actor>;
  /** The owner of the other organization. */
  stranger: Actor;
  /** The same person as owner of the other organization and as viewer here. */
  both: Actor;
  /** The same person, owner of both, by a cookie and by a token that is bound to the other organization. */
  boundElsewhere: readonly [free: Actor, bound: Actor];
  /** A key of the victim's organization without any scope. */
  rightless: Actor;
  /** A key of the victim's organization with every scope, for its first project alone. */
  limitedKey: Actor;
}

/** Everybody who comes to the doors of `victim`, with every kind of credential. */
export async function makeCast(studio: TestDeployments, victim: Side, attacker: Side): Promise<Cast> {
  const { organization } = victim;
  const byRole = new Map<Role, Actor>();
  for (const role of roles) {
    const person = role === 'owner' ? victim.owner : await joined(studio, organization, role);
    byRole.set(role, { name: role, headers: cookieOf(person), standing: 'inside', member: true, role, scopes: null });
  }
  // Nobody's leaving may be refused because nobody would be left.
  await joined(studio, organization, 'owner');

  const outside = (name: string, headers: Record<string, string>): Actor => ({ name, headers, standing: 'outside', member: false, role: null, scopes: null });
  const nobody = (name: string, headers: Record<string, string>): Actor => ({ name, headers, standing: 'nobody', member: false, role: null, scopes: null });

  const removed = await joined(studio, organization, 'admin');
  const removedToken = await tokenOf(studio, removed, organization.id);
  const removedKey = await keyOf(studio, organization, removed, { scopes: apiKeyScopes });
  await studio.raw('delete from memberships where organization_id = $1 and user_id = $2', [organization.rowId, removed.id]);

  const signedOut = await joined(studio, organization, 'owner');
  const tokenOfEnded = await tokenOf(studio, signedOut, organization.id);
  await studio.raw('update user_sessions set revoked_at = now() where user_id = $1', [signedOut.id]);
  const timedOut = await joined(studio, organization, 'owner');
  await studio.raw(`update user_sessions set idle_expires_at = now() - interval '1 second' where user_id = $1`, [timedOut.id]);
  const disabled = await joined(studio, organization, 'owner');
  await studio.raw('update users set disabled_at = now() where id = $1', [disabled.id]);

  const elsewhere = await joined(studio, organization, 'owner');
  await studio.join(attacker.organization, elsewhere, 'owner');

  const revokedKey = await keyOf(studio, organization, victim.owner, { scopes: apiKeyScopes });
  await studio.raw('update api_keys set revoked_at = now() where key_hash = $1', [hashToken(revokedKey)]);
  const expiredKey = await keyOf(studio, organization, victim.owner, { scopes: apiKeyScopes });
  await studio.raw(`update api_keys set expires_at = now() - interval '1 second' where key_hash = $1`, [hashToken(expiredKey)]);

  const viewer = await joined(studio, organization, 'viewer');
  const bothPerson = await joined(studio, organization, 'viewer');
  await studio.join(attacker.organization, bothPerson, 'owner');

  const bound: Actor = { ...outside('owner, by a token for another organization', bearer(await tokenOf(studio, elsewhere, attacker.organization.id))), member: true };
  const stranger = outside('owner of another organization', cookieOf(attacker.owner));
  const limitedKey = await keyOf(studio, organization, victim.owner, { scopes: apiKeyScopes, project: victim.projectRows.main });
  const owner = byRole.get('owner');
  if (owner === undefined) throw new Error('there is no owner');
  const rightless: Actor = { name: 'API key without a scope', headers: bearer(await keyOf(studio, organization, victim.owner, { scopes: [] })), standing: 'inside', member: true, role: 'owner', scopes: [] };
  const all: Actor[] = [
    nobody('nobody', {}),
    nobody('a made-up session', { cookie: `${cookieName(studio.ports.baseUrl)}=${'x'.repeat(43)}`, ...sameOrigin }),
    nobody('a session that was ended', cookieOf(signedOut)),
    nobody('a session that ran out', cookieOf(timedOut)),
    nobody('a disabled person', cookieOf(disabled)),
    nobody('a token of an ended session', bearer(tokenOfEnded)),
    nobody('a revoked API key', bearer(revokedKey)),
    nobody('an expired API key', bearer(expiredKey)),
    stranger,
    outside('token of another organization’s owner', bearer(await tokenOf(studio, attacker.owner, attacker.organization.id))),
    outside('API key of another organization', bearer(await keyOf(studio, attacker.organization, attacker.owner, { scopes: apiKeyScopes }))),
    bound,
    outside('removed member', cookieOf(removed)),
    outside('token of a removed member', bearer(removedToken)),
    outside('API key of a removed member', bearer(removedKey)),
    ...byRole.values(),
    { name: 'owner, by a token for this organization', headers: bearer(await tokenOf(studio, victim.owner, organization.id)), standing: 'inside', member: true, role: 'owner', scopes: null },
    { name: 'API key with every scope', headers: bearer(await keyOf(studio, organization, victim.owner, { scopes: apiKeyScopes })), standing: 'inside', member: true, role: 'owner', scopes: apiKeyScopes },
    { name: 'API key with every scope, of a viewer', headers: bearer(await keyOf(studio, organization, viewer, { scopes: apiKeyScopes })), standing: 'inside', member: true, role: 'viewer', scopes: apiKeyScopes },
    rightless,
  ];
  for (const scope of apiKeyScopes) {
    const token = await keyOf(studio, organization, victim.owner, { scopes: [scope] });
    all.push({ name: `API key with ${scope}`, headers: bearer(token), standing: 'inside', member: true, role: 'owner', scopes: [scope] });
  }
  // However long this takes, everybody gave the password just now, and was seen just now, so that asking changes no row.
  await studio.raw(`update user_sessions set stepped_up_at = now() + interval '1 day', last_seen_at = now() + interval '1 day'`);
  await studio.raw(`update api_keys set last_used_at = now() + interval '1 day'`);
  return {
    all, owner, byRole, stranger, rightless,
    both: { name: 'owner of another organization, viewer here', headers: cookieOf(bothPerson), standing: 'inside', member: true, role: 'viewer', scopes: null },
    boundElsewhere: [{ name: 'owner of both organizations', headers: cookieOf(elsewhere), standing: 'inside', member: true, role: 'owner', scopes: null }, bound],
    limitedKey: { name: 'API key for one project', headers: bearer(limitedKey), standing: 'inside', member: true, role: 'owner', scopes: apiKeyScopes },
  };
}

const sameOrigin = { 'sec-fetch-site': 'same-origin' };

export function cookieOf({ sessionToken }: Pick<Person, 'sessionToken'>): Record<string, string> {
  return { cookie: `studio_session=${sessionToken}`, ...sameOrigin };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function joined(studio: TestDeployments, organization: { rowId: string }, role: Role): Promise<Person> {
  const person = await studio.person();
  await studio.join(organization, person, role);
  return person;
}

export async function tokenOf(studio: TestDeployments, { publicId, sessionId }: Person, organization: string): Promise<string> {
  const [session] = await studio.raw<{ public_id: string }>('select public_id from user_sessions where id = $1', [sessionId]);
  return issueAccessToken(studio.ports, { user: publicId, session: session?.public_id ?? '', organization });
}

interface KeyWishes {
  scopes: readonly string[];
  project?: string;
}

/** The token of a new API key. */
export async function keyOf(studio: TestDeployments, organization: { rowId: string }, maker: Person, { scopes, project }: KeyWishes): Promise<string> {
  const token = newApiKeyToken();
  await studio.raw(
    `insert into api_keys (organization_id, id, public_id, project_id, name, prefix, last_four, key_hash, scopes, created_by)
     values ($1, $2, $3, $4, 'a key', 'stu_live_', 'abcd', $5, $6, $7)`,
    [organization.rowId, newUuid(), newPublicId('apiKey'), project ?? null, hashToken(token), scopes, maker.id],
  );
  return token;
}
